-- Who is engaged at the hottest accounts, and who decides there? Read it before a call.
select
    account_scores.account_name,
    account_scores.score as account_score,
    contact_scores.contact_rank,
    contact_scores.full_name,
    contact_scores.job_title,
    contact_scores.is_decision_maker,
    contact_scores.score as person_score,
    contact_scores.main_signal_label,
    contact_scores.last_engaged_on

from {{ ref('account_scores') }} as account_scores
inner join {{ ref('contact_scores') }} as contact_scores
    on account_scores.account_id = contact_scores.account_id
where account_scores.band = 'Very Hot' and contact_scores.contact_rank <= 5
order by account_scores.score_raw desc, contact_scores.contact_rank
