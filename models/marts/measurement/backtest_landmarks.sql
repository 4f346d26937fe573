{#
  One row per landmark: whether the backtest uses it, which accounts it scores, which it leaves out
  and why, and how many of them converted.
#}
with

landmarks as (

    select * from {{ ref('int_landmarks') }}
    where is_landmark

),

landmark_accounts as (

    select * from {{ ref('int_landmark_accounts') }}

),

final as (

    select
        landmarks.landmark_on,
        landmarks.horizon_ends_on,
        landmarks.is_complete,
        landmarks.is_tracked,
        landmarks.is_used,
        cast(count(landmark_accounts.account_id) as integer) as accounts,
        cast(
            count(case when landmark_accounts.eligibility = 'has an opportunity' then 1 end)
            as integer
        ) as left_out_with_opportunity,
        cast(
            count(case when landmark_accounts.eligibility = 'in a sales process' then 1 end)
            as integer
        ) as left_out_in_sales_process,
        cast(
            count(case when landmark_accounts.eligibility = 'not a prospect' then 1 end)
            as integer
        ) as left_out_non_prospects,
        cast(count(case when landmark_accounts.is_eligible then 1 end) as integer)
            as eligible_accounts,
        cast(sum(landmark_accounts.opportunity_created) as integer) as opportunities_created,
        cast(sum(landmark_accounts.won) as integer) as won

    from landmarks
    left join landmark_accounts on landmarks.landmark_on = landmark_accounts.landmark_on
    group by
        landmarks.landmark_on,
        landmarks.horizon_ends_on,
        landmarks.is_complete,
        landmarks.is_tracked,
        landmarks.is_used

)

select * from final
