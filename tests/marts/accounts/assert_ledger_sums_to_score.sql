-- The points of an account's ledger rows sum to the score_raw of its history's last day, exactly.
select
    history.scoring_model,
    history.account_id,
    history.score_raw,
    sum(ledger.points) as ledger_sum

from {{ ref('account_score_history') }} as history
left join {{ ref('score_ledger') }} as ledger
    on history.scoring_model = ledger.scoring_model and history.account_id = ledger.account_id
where history.score_date = (select as_of_date from {{ ref('int_as_of_date') }})
group by history.scoring_model, history.account_id, history.score_raw
having coalesce(sum(ledger.points), 0) <> history.score_raw
