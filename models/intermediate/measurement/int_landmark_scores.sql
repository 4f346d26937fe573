{#
  One row per used landmark (or the as-of date), eligible account and scoring model: the score on
  that day, its decile among the landmark's accounts, and the outcome.
#}
with

landmark_accounts as (

    select * from {{ ref('int_landmark_accounts') }}
    where is_eligible and (is_used or is_as_of_date)

),

history as (

    select * from {{ ref('account_score_history') }}

),

scored as (

    select
        landmark_accounts.landmark_on,
        landmark_accounts.account_id,
        landmark_accounts.account_tier,
        history.scoring_model,
        history.score,
        history.band,
        landmark_accounts.is_used,
        landmark_accounts.is_as_of_date,
        landmark_accounts.opportunity_created,
        landmark_accounts.won,
        landmark_accounts.amount_usd,
        -- rounded, so that the last digits of a sum don't separate equal scores
        cast(round(history.score_raw, 6) as decimal(18, 6)) as rank_score

    from landmark_accounts
    inner join history
        on
            landmark_accounts.account_id = history.account_id
            and landmark_accounts.landmark_on = history.score_date

),

ranked as (

    select
        *,
        count(*) over (partition by landmark_on, scoring_model) as account_count,
        count(*) over (partition by landmark_on, scoring_model, rank_score) as tied_accounts,
        rank() over (
            partition by landmark_on, scoring_model order by rank_score desc
        ) as first_rank

    from scored

),

final as (

    select
        landmark_on,
        account_id,
        scoring_model,
        account_tier,
        rank_score,
        score,
        band,
        -- accounts with equal scores share the decile that holds the middle one of them
        cast(
            floor((2 * first_rank + tied_accounts - 2) * 5.0 / account_count) + 1 as integer
        ) as decile,
        is_used,
        is_as_of_date,
        opportunity_created,
        won,
        amount_usd

    from ranked

)

select * from final
