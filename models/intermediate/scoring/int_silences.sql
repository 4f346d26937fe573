{#
  One row per scoring model with silence rules, account and stretch of days from `engaged_on`, on
  which an engagement became known, to the day before `next_engaged_on`: how often the account had
  been silent for `silence_days` in a row before. No row for what comes before its first silence.
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

stretches as (

    select
        account_id,
        engaged_on,
        coalesce(
            lead(engaged_on) over (partition by account_id order by engaged_on), {{ last_day() }}
        ) as next_engaged_on

    from engaged_days

),

silent_stretches as (

    select
        scoring_models.scoring_model,
        scoring_models.silence_days,
        stretches.account_id,
        stretches.engaged_on,
        stretches.next_engaged_on,
        -- the day of the engagement itself is not silent
        floor(
            ({{ days_between('stretches.engaged_on', 'stretches.next_engaged_on') }} - 1) * 1.0
            / scoring_models.silence_days
        ) as silences_within

    from stretches
    cross join scoring_models

),

counted_stretches as (

    select
        *,
        coalesce(
            sum(silences_within) over (
                partition by scoring_model, account_id
                order by engaged_on
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as silences_before

    from silent_stretches

),

final as (

    select
        scoring_model,
        account_id,
        engaged_on,
        next_engaged_on,
        silence_days,
        cast(silences_before as integer) as silences_before

    from counted_stretches
    where silences_before > 0 or silences_within > 0

)

select * from final
