-- The rows of the ledger sum to score_raw, exactly, for every account and scoring model.
select
    scores.scoring_model,
    scores.account_id,
    scores.score_raw,
    sum(ledger.points) as ledger_sum

from {{ ref('int_account_scores') }} as scores
left join {{ ref('score_ledger') }} as ledger
    on scores.scoring_model = ledger.scoring_model and scores.account_id = ledger.account_id
group by scores.scoring_model, scores.account_id, scores.score_raw
having coalesce(sum(ledger.points), 0) <> scores.score_raw
