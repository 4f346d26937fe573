-- The last day of the history is the present score, for every account and scoring model.
select
    scores.scoring_model,
    scores.account_id,
    scores.score_raw,
    history.score_raw as history_score_raw

from {{ ref('int_account_scores') }} as scores
left join {{ ref('account_score_history') }} as history
    on
        scores.scoring_model = history.scoring_model
        and scores.account_id = history.account_id
        and history.score_date = (select as_of_date from {{ ref('int_as_of_date') }})
where
    history.account_id is null
    or abs(scores.score_raw - history.score_raw) > 0.000000001
    or scores.score <> history.score
    or scores.engaged_contacts <> history.engaged_contacts
