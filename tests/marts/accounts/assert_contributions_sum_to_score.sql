-- The contributions of an account sum to its score_raw, exactly.
select
    scores.scoring_model,
    scores.account_id,
    scores.score_raw,
    sum(contributions.points) as contribution_sum

from {{ ref('int_account_scores') }} as scores
left join {{ ref('score_contributions') }} as contributions
    on
        scores.scoring_model = contributions.scoring_model
        and scores.account_id = contributions.account_id
group by scores.scoring_model, scores.account_id, scores.score_raw
having coalesce(sum(contributions.points), 0) <> scores.score_raw
