-- No account is lost: it is in account_scores, it has won a deal by the as-of date, or its
-- lifecycle isn't that of a prospect.
with

wins as (

    select distinct account_id
    from {{ ref('int_opportunities') }}
    where
        outcome = 'won'
        and closed_on <= (select as_of_date from {{ ref('int_as_of_date') }})

),

final as (

    select ids.account_id
    from {{ ref('int_account_ids') }} as ids
    left join {{ ref('int_accounts') }} as accounts on ids.account_id = accounts.account_id
    left join {{ ref('account_scores') }} as account_scores
        on ids.account_id = account_scores.account_id
    left join wins on ids.account_id = wins.account_id
    where
        ids.account_id = ids.account_id_text
        and (account_scores.account_id is null)
        = (wins.account_id is null and coalesce(accounts.lifecycle, 'prospect') = 'prospect')

)

select * from final
