-- A landmark in use has its whole window of outcomes by the as-of date, lies within the history,
-- and had events both before and within its window of signals.
with

bounds as (

    select
        min(score_date) as first_day,
        max(score_date) as last_day

    from {{ ref('account_score_history') }}

),

events as (

    select
        landmarks.landmark_on,
        min(daily_points.counts_from) as first_event_on,
        max(daily_points.counts_from) as last_event_on

    from {{ ref('int_landmarks') }} as landmarks
    inner join {{ ref('int_daily_points') }} as daily_points
        on landmarks.landmark_on >= daily_points.counts_from
    group by landmarks.landmark_on

),

final as (

    select landmarks.*
    from {{ ref('int_landmarks') }} as landmarks
    cross join bounds
    left join events on landmarks.landmark_on = events.landmark_on
    where
        landmarks.is_used
        and (
            landmarks.landmark_on < bounds.first_day
            or landmarks.horizon_ends_on > bounds.last_day
            or {{ days_between('landmarks.landmark_on', 'landmarks.horizon_ends_on') }}
            <> {{ var('outcome_horizon_days') }}
            or coalesce(
                {{ days_between('events.first_event_on', 'landmarks.landmark_on') }}, 0
            ) < {{ var('signal_window_days') }}
            or {{ days_between('events.last_event_on', 'landmarks.landmark_on') }}
            >= {{ var('signal_window_days') }}
        )

)

select * from final
