-- The contributions of an account sum to its score_raw, exactly.
select
    scores.scoring_model,
    scores.account_id,
    scores.score_raw,
    sum(contributions.points) as contribution_sum

from {{ ref('account_score_history') }} as scores
left join {{ ref('score_contributions') }} as contributions
    on
        scores.scoring_model = contributions.scoring_model
        and scores.account_id = contributions.account_id
where scores.score_date = (select as_of_date from {{ ref('int_as_of_date') }})
group by scores.scoring_model, scores.account_id, scores.score_raw
having coalesce(sum(contributions.points), 0) <> scores.score_raw
