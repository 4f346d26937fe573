{#
  One row per landmark whose window is over, account eligible on it and scoring model: the score of
  that day and what came of the account within the window.
#}
with

landmarks as (

    select * from {{ ref('int_landmarks') }}
    where is_complete

),

exclusions as (

    select * from {{ ref('int_landmark_exclusions') }}

),

opportunities as (

    select * from {{ ref('int_opportunities') }}

),

history as (

    select * from {{ ref('account_score_history') }}

),

eligible as (

    select
        landmarks.landmark_on,
        landmarks.horizon_ends_on,
        exclusions.account_id

    from landmarks
    inner join exclusions
        on
            landmarks.landmark_on >= exclusions.created_on
            and landmarks.landmark_on < exclusions.first_opportunity_on
            and landmarks.landmark_on < exclusions.sales_process_from

),

outcomes as (

    -- an eligible account has no opportunity before, so all it has were created after the landmark
    select
        eligible.landmark_on,
        eligible.account_id,
        min(opportunities.created_on) as opportunity_created_on,
        sum({{ usd('opportunities.amount_usd') }}) as amount_usd,
        min(
            case
                when
                    opportunities.outcome = 'won'
                    and opportunities.closed_on > eligible.landmark_on
                    and opportunities.closed_on <= eligible.horizon_ends_on
                    then opportunities.closed_on
            end
        ) as won_on

    from eligible
    inner join opportunities
        on
            eligible.account_id = opportunities.account_id
            and eligible.horizon_ends_on >= opportunities.created_on
    group by eligible.landmark_on, eligible.account_id

),

scored as (

    select
        eligible.landmark_on,
        eligible.horizon_ends_on,
        eligible.account_id,
        history.scoring_model,
        history.score_raw,
        history.score,
        history.band,
        -- what running sums leave behind must not part accounts with equal scores
        cast(round(history.score_raw, 6) as decimal(18, 6)) as rank_score,
        outcomes.opportunity_created_on,
        outcomes.won_on,
        outcomes.amount_usd

    from eligible
    inner join history
        on
            eligible.account_id = history.account_id
            and eligible.landmark_on = history.score_date
    left join outcomes
        on
            eligible.account_id = outcomes.account_id
            and eligible.landmark_on = outcomes.landmark_on

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
        horizon_ends_on,
        account_id,
        scoring_model,
        score_raw,
        score,
        band,
        -- all accounts with one score are in the decile in which the middle of them lies
        cast(
            floor((2 * first_rank + tied_accounts - 2) * 5.0 / account_count) + 1 as integer
        ) as decile,
        rank_score,
        case when opportunity_created_on is null then 0 else 1 end as opportunity_created,
        case when won_on is null then 0 else 1 end as won,
        {{ days_between('landmark_on', 'opportunity_created_on') }} as days_to_opportunity,
        amount_usd

    from ranked

)

select * from final
