{#
  One row per landmark, and one for the as-of date, the start of the forecast. A landmark is the
  last day of a month on which the backtest scores accounts. An outcome counts up to
  `horizon_ends_on`. Month ends are the same in every run, so results of two days can be compared.
#}
with

months as (

    select * from {{ ref('int_months') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

signal_days as (

    select distinct
        points.counts_from as event_on,
        case when signals.channel = 'sales' then 1 else 0 end as is_sales

    from {{ ref('int_daily_points') }} as points
    -- an email that we send says nothing about tracking
    inner join {{ ref('int_signals') }} as signals
        on points.signal = signals.signal and signals.is_engagement

),

event_days as (

    -- a CRM holds sales activities of years before anything was tracked, so they count only where
    -- nothing else is tracked
    select event_on from signal_days
    where is_sales = (select min(tracked_days.is_sales) from signal_days as tracked_days)

),

landmarks as (

    select
        months.last_day_on as landmark_on,
        {{ add_days('months.last_day_on', var('outcome_horizon_days')) }} as horizon_ends_on,
        {{ add_days('months.last_day_on', '-' ~ var('signal_window_days')) }}
            as window_starts_after,
        as_of.as_of_date,
        months.is_complete
        and mod(
            extract(year from months.month_on) * 12 + extract(month from months.month_on),
            {{ var('landmark_every_months') }}
        ) = 0 as is_landmark

    from months
    cross join as_of

),

tracked as (

    -- before there are events every account is Cold, which says nothing about the score
    select
        landmarks.landmark_on,
        coalesce(
            min(event_days.event_on) <= max(landmarks.window_starts_after)
            and max(event_days.event_on) > max(landmarks.window_starts_after),
            false
        ) as is_tracked

    from landmarks
    left join event_days on landmarks.landmark_on >= event_days.event_on
    group by landmarks.landmark_on

),

judged as (

    select
        landmarks.landmark_on,
        landmarks.horizon_ends_on,
        landmarks.is_landmark,
        landmarks.landmark_on = landmarks.as_of_date as is_as_of_date,
        landmarks.horizon_ends_on <= landmarks.as_of_date as is_complete,
        tracked.is_tracked,
        row_number() over (
            partition by
                landmarks.is_landmark
                and landmarks.horizon_ends_on <= landmarks.as_of_date
                and tracked.is_tracked
            order by landmarks.landmark_on desc
        ) as landmark_rank

    from landmarks
    inner join tracked on landmarks.landmark_on = tracked.landmark_on

),

final as (

    select
        landmark_on,
        horizon_ends_on,
        is_landmark,
        is_as_of_date,
        is_complete,
        is_tracked,
        is_landmark and is_complete and is_tracked
        and landmark_rank <= {{ var('landmark_count') }} as is_used

    from judged
    where is_landmark or is_as_of_date

)

select * from final
