{#
  One row per landmark, account eligible on it and signal it had shown by then, as known on the
  landmark: how long ago the latest was, and how many there were within var `signal_window_days`.
#}
with

landmark_accounts as (

    -- who is eligible does not depend on the scoring model
    select distinct
        landmark_on,
        account_id

    from {{ ref('int_landmark_accounts') }}

),

daily_points as (

    -- until they are replaced, reset, or too long ago for any of the windows
    select
        *,
        least(
            coalesce(counts_until, {{ last_day() }}),
            coalesce(reset_on, {{ last_day() }}),
            {{ add_days('occurred_on', [
                var('signal_window_days') | int, var('half_life_window_days') | int
            ] | max) }}
        ) as gone_from

    from {{ ref('int_daily_points') }}

),

known_days as (

    select
        landmark_accounts.landmark_on,
        landmark_accounts.account_id,
        daily_points.signal,
        daily_points.event_count,
        {{ days_between('daily_points.occurred_on', 'landmark_accounts.landmark_on') }} as age_days

    from landmark_accounts
    inner join daily_points
        on
            landmark_accounts.account_id = daily_points.account_id
            and landmark_accounts.landmark_on >= daily_points.counts_from
            and landmark_accounts.landmark_on < daily_points.gone_from

),

final as (

    select
        landmark_on,
        account_id,
        signal,
        min(
            case when age_days < {{ var('half_life_window_days') }} then age_days end
        ) as latest_age_days,
        cast(
            sum(case when age_days < {{ var('signal_window_days') }} then event_count else 0 end)
            as integer
        ) as recent_event_count

    from known_days
    group by landmark_on, account_id, signal

)

select * from final
