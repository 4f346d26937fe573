{#
  One row per scoring model with silence rules, account and day on which an engagement became known:
  how often the account had been silent for `silence_days` in a row before that day.
#}
with

scoring_models as (

    select
        scoring_model,
        silence_days

    from {{ ref('scoring_models') }}
    where silence_days is not null

),

daily_points as (

    select * from {{ ref('int_daily_points') }}

),

signals as (

    select * from {{ ref('int_signals') }}
    where is_engagement

),

engaged_days as (

    select distinct
        daily_points.account_id,
        daily_points.counts_from as engaged_on

    from daily_points
    inner join signals on daily_points.signal = signals.signal

),

neighbours as (

    select
        account_id,
        engaged_on,
        lag(engaged_on) over (partition by account_id order by engaged_on) as previous_engaged_on,
        lead(engaged_on) over (partition by account_id order by engaged_on) as next_engaged_on

    from engaged_days

),

gaps as (

    select
        scoring_models.scoring_model,
        scoring_models.silence_days,
        neighbours.account_id,
        neighbours.engaged_on,
        neighbours.next_engaged_on,
        -- the day of the engagement itself is not silent
        coalesce(
            floor(
                ({{ days_between('neighbours.previous_engaged_on', 'neighbours.engaged_on') }} - 1)
                * 1.0 / scoring_models.silence_days
            ),
            0
        ) as silences_in_gap

    from neighbours
    cross join scoring_models

),

final as (

    select
        scoring_model,
        account_id,
        engaged_on,
        coalesce(next_engaged_on, {{ last_day() }}) as next_engaged_on,
        silence_days,
        cast(
            sum(silences_in_gap) over (
                partition by scoring_model, account_id
                order by engaged_on
            ) as integer
        ) as silences_before

    from gaps

)

select * from final
