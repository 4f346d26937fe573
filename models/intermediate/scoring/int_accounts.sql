{#
  One row per live account of the CRM, with its top parent, its fit and the deal it won by the as-of
  date, if any. A prospect has won no deal, and has the lifecycle of a prospect.
#}
with recursive

accounts as (

    select * from {{ ref('int_live_accounts') }}

),

links as (

    -- a link from each account to its parent
    select
        accounts.account_id as id,
        parents.account_id as next_id

    from accounts
    left join {{ ref('int_account_ids') }} as parents
        on accounts.parent_account_id = parents.account_id_text

),

steps as (

    {{ chain_steps('links') }}

),

top_parents as (

    {{ chain_ends() }}

),

fit as (

    select * from {{ ref('int_account_fit') }}

),

won_accounts as (

    select * from {{ ref('int_won_accounts') }}

),

final as (

    select
        accounts.account_id,
        accounts.account_name,
        accounts.domain,
        accounts.account_tier,
        accounts.industry,
        accounts.employee_count,
        accounts.country,
        accounts.owner_email,
        top_parents.end_id as top_parent_account_id,
        fit.fit_grade,
        fit.fit_score,
        fit.is_high_fit,
        won_accounts.opportunity_id as won_opportunity_id,
        won_accounts.opportunity_name as won_opportunity_name,
        won_accounts.amount_usd as won_amount_usd,
        won_accounts.opportunity_created_on as won_opportunity_created_on,
        accounts.lifecycle,
        won_accounts.won_on,
        accounts.lifecycle = 'prospect' and won_accounts.won_on is null as is_prospect

    from accounts
    inner join top_parents on accounts.account_id = top_parents.id
    inner join fit on accounts.account_id = fit.account_id
    left join won_accounts on accounts.account_id = won_accounts.account_id

)

select * from final
