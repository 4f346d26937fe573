{#
  One row per scoring model, outcome and account of the landmark backtest: how many of the others
  its rows outrank, as far as that is more or less than the AUC lets one expect. A pair is a row
  that converted and one that did not; equal scores win half.
#}
with

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

account_scores as (

    select
        scoring_model,
        outcome,
        account_id,
        rank_score,
        sum(converted) as positives,
        sum(1 - converted) as negatives

    from outcomes
    group by scoring_model, outcome, account_id, rank_score

),

score_sums as (

    select
        scoring_model,
        outcome,
        rank_score,
        sum(positives) as positives,
        sum(negatives) as negatives

    from account_scores
    group by scoring_model, outcome, rank_score

),

score_ranks as (

    select
        *,
        coalesce(
            sum(negatives) over (
                partition by scoring_model, outcome order by rank_score
                rows between unbounded preceding and 1 preceding
            ), 0
        ) as negatives_below,
        coalesce(
            sum(positives) over (
                partition by scoring_model, outcome order by rank_score
                rows between 1 following and unbounded following
            ), 0
        ) as positives_above,
        sum(positives) over (partition by scoring_model, outcome) as total_positives,
        sum(negatives) over (partition by scoring_model, outcome) as total_negatives

    from score_sums

),

account_sums as (

    -- a win is two half wins, so that all counts are whole numbers
    select
        account_scores.scoring_model,
        account_scores.outcome,
        account_scores.account_id,
        sum(account_scores.positives) as positives,
        sum(account_scores.negatives) as negatives,
        sum(
            account_scores.positives * (2 * score_ranks.negatives_below + score_ranks.negatives)
        ) as positive_half_wins,
        sum(
            account_scores.negatives * (2 * score_ranks.positives_above + score_ranks.positives)
        ) as negative_half_wins,
        max(score_ranks.total_positives) as total_positives,
        max(score_ranks.total_negatives) as total_negatives

    from account_scores
    inner join score_ranks
        on
            account_scores.scoring_model = score_ranks.scoring_model
            and account_scores.outcome = score_ranks.outcome
            and account_scores.rank_score = score_ranks.rank_score
    group by account_scores.scoring_model, account_scores.outcome, account_scores.account_id

),

with_auc as (

    select
        *,
        {{ double('sum(positive_half_wins) over (partition by scoring_model, outcome)') }}
        / nullif(2 * {{ double('total_positives') }} * total_negatives, 0) as auc

    from account_sums

),

final as (

    select
        scoring_model,
        outcome,
        account_id,
        cast(positives as integer) as positives,
        cast(negatives as integer) as negatives,
        auc,
        (
            {{ double('positive_half_wins') }} / nullif(2 * total_negatives, 0) - positives * auc
        ) / nullif(total_positives, 0) as positive_residual,
        (
            {{ double('negative_half_wins') }} / nullif(2 * total_positives, 0) - negatives * auc
        ) / nullif(total_negatives, 0) as negative_residual

    from with_auc

)

select * from final
