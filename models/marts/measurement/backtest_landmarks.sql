{#
  One row per landmark: which accounts the backtest asks on it, which it leaves out and why, and
  what came of those it asks.
#}
with

landmarks as (

    select * from {{ ref('int_landmarks') }}

),

exclusions as (

    select * from {{ ref('int_landmark_exclusions') }}

),

landmark_accounts as (

    -- who is eligible and what came of it is the same in all scoring models
    select distinct
        landmark_on,
        account_id,
        opportunity_created,
        won

    from {{ ref('int_landmark_accounts') }}

),

account_counts as (

    select
        landmarks.landmark_on,
        landmarks.horizon_ends_on,
        landmarks.is_complete,
        count(exclusions.account_id) as accounts,
        sum(
            case when exclusions.first_opportunity_on <= landmarks.landmark_on then 1 else 0 end
        ) as with_opportunity,
        sum(
            case
                when
                    exclusions.sales_process_from <= landmarks.landmark_on
                    and exclusions.first_opportunity_on > landmarks.landmark_on
                    then 1
                else 0
            end
        ) as in_sales_process

    from landmarks
    left join exclusions on landmarks.landmark_on >= exclusions.created_on
    group by landmarks.landmark_on, landmarks.horizon_ends_on, landmarks.is_complete

),

outcome_counts as (

    select
        landmark_on,
        sum(opportunity_created) as opportunities_created,
        sum(won) as won

    from landmark_accounts
    group by landmark_on

),

final as (

    select
        account_counts.landmark_on,
        account_counts.horizon_ends_on,
        account_counts.is_complete,
        cast(account_counts.accounts as integer) as accounts,
        cast(account_counts.with_opportunity as integer) as left_out_with_opportunity,
        cast(account_counts.in_sales_process as integer) as left_out_in_sales_process,
        cast(
            account_counts.accounts
            - account_counts.with_opportunity
            - account_counts.in_sales_process
            as integer
        ) as eligible_accounts,
        cast(outcome_counts.opportunities_created as integer) as opportunities_created,
        cast(outcome_counts.won as integer) as won

    from account_counts
    left join outcome_counts on account_counts.landmark_on = outcome_counts.landmark_on

)

select * from final
