{#
  One row per scoring model with a silence rule, account that has engaged, and number of silences.
  The account had been silent `silence_count` times from the end of `valid_from` until the day before
  `valid_until`. A silence is complete after `silence_days` days in a row without engagement, and again
  after each further `silence_days`.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select
        scoring_model,
        silence_days

    from {{ ref('scoring_models') }}
    where silence_days is not null

),

signals as (

    select signal from {{ ref('int_signals') }}
    where is_engagement

),

engaged_days as (

    -- identifying a visitor is no new engagement of an account that already had the event
    select distinct
        daily_points.account_id,
        daily_points.first_known_on as engaged_on

    from {{ ref('int_daily_points') }} as daily_points
    inner join signals on daily_points.signal = signals.signal
    inner join as_of on daily_points.first_known_on <= as_of.as_of_date

),

quiet_times as (

    select
        engaged_days.account_id,
        engaged_days.engaged_on,
        {{ days_between(
            'engaged_days.engaged_on',
            'lead(engaged_days.engaged_on, 1, ' ~ add_days('as_of.as_of_date', '1') ~ ')'
            ~ ' over (partition by engaged_days.account_id order by engaged_days.engaged_on)'
        ) }} - 1 as quiet_days

    from engaged_days
    cross join as_of

),

silent_days as (

    select
        scoring_models.scoring_model,
        quiet_times.account_id,
        {{ add_days(
            'quiet_times.engaged_on', 'scoring_models.silence_days * numbers.number'
        ) }} as valid_from

    from quiet_times
    inner join scoring_models on quiet_times.quiet_days >= scoring_models.silence_days
    inner join {{ ref('int_numbers') }} as numbers
        on
            numbers.number >= 1
            and quiet_times.quiet_days >= scoring_models.silence_days * numbers.number

),

all_days as (

    select * from silent_days

    union all

    -- the time before the first silence
    select distinct
        scoring_models.scoring_model,
        engaged_days.account_id,
        {{ first_day() }} as valid_from

    from engaged_days
    cross join scoring_models

),

final as (

    select
        scoring_model,
        account_id,
        valid_from,
        lead(valid_from, 1, {{ last_day() }}) over (
            partition by scoring_model, account_id order by valid_from
        ) as valid_until,
        cast(
            row_number() over (partition by scoring_model, account_id order by valid_from) - 1
            as integer
        ) as silence_count

    from all_days

)

select * from final
