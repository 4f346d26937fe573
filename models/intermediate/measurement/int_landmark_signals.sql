{#
  One row per used landmark, eligible account and signal of the last var `signal_window_days` days,
  as known on the landmark. Signals the account didn't show have no row.
#}
with

landmark_accounts as (

    select
        landmark_on,
        account_id,
        {{ add_days('landmark_on', '-' ~ var('signal_window_days')) }} as window_starts_after

    from {{ ref('int_landmark_accounts') }}
    where is_used and is_eligible

),

daily_points as (

    select
        *,
        least(coalesce(counts_until, {{ last_day() }}), {{ kept_until() }}) as gone_from

    from {{ ref('int_daily_points') }}

),

final as (

    select distinct
        landmark_accounts.landmark_on,
        landmark_accounts.account_id,
        daily_points.signal

    from landmark_accounts
    inner join daily_points
        on
            landmark_accounts.account_id = daily_points.account_id
            and landmark_accounts.landmark_on >= daily_points.counts_from
            and landmark_accounts.landmark_on < daily_points.gone_from
            and landmark_accounts.window_starts_after < daily_points.occurred_on

)

select * from final
