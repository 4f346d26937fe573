-- Whom a landmark leaves out neither for an opportunity nor for a sales process, it asks: they are
-- the rows of the backtest.
with

landmark_accounts as (

    select
        landmark_on,
        count(distinct account_id) as accounts

    from {{ ref('int_landmark_accounts') }}
    group by landmark_on

),

final as (

    select
        backtest_landmarks.*,
        landmark_accounts.accounts as asked_accounts

    from {{ ref('backtest_landmarks') }} as backtest_landmarks
    left join landmark_accounts on backtest_landmarks.landmark_on = landmark_accounts.landmark_on
    where
        backtest_landmarks.is_complete
        and backtest_landmarks.eligible_accounts <> coalesce(landmark_accounts.accounts, 0)

)

select * from final
