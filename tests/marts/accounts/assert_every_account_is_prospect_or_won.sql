-- No account is lost: it is in account_scores, or it has won a deal by the as-of date.
select accounts.account_id
from {{ ref('stg_crm__accounts') }} as accounts
left join {{ ref('account_scores') }} as account_scores
    on accounts.account_id = account_scores.account_id
left join {{ ref('int_opportunities') }} as opportunities
    on
        accounts.account_id = opportunities.account_id
        and opportunities.outcome = 'won'
        and opportunities.closed_on <= (select as_of_date from {{ ref('int_as_of_date') }})
where (account_scores.account_id is null) = (opportunities.account_id is null)
