-- No landmark is used before its window is over, nor from before the first day of the history.
with

bounds as (

    select
        min(score_date) as first_day,
        max(score_date) as last_day

    from {{ ref('account_score_history') }}

),

final as (

    select landmark_accounts.*
    from {{ ref('int_landmark_accounts') }} as landmark_accounts
    cross join bounds
    where
        landmark_accounts.landmark_on < bounds.first_day
        or landmark_accounts.horizon_ends_on > bounds.last_day
        or {{ days_between('landmark_accounts.landmark_on', 'landmark_accounts.horizon_ends_on') }}
        <> {{ var('outcome_horizon_days') }}

)

select * from final
