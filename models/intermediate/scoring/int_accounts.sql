{#
  One row per account of the CRM, with the top of its group, its fit and the deal it has won by the
  as-of date, if any. An account without `won_on` is a prospect.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

parents as (

    select * from {{ ref('int_account_parents') }}

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
        parents.top_parent_account_id,
        fit.fit_grade,
        fit.fit_score,
        fit.is_high_fit,
        won_accounts.opportunity_id as won_opportunity_id,
        won_accounts.opportunity_name as won_opportunity_name,
        won_accounts.amount_usd as won_amount_usd,
        won_accounts.opportunity_created_on as won_opportunity_created_on,
        won_accounts.won_on

    from accounts
    inner join parents on accounts.account_id = parents.account_id
    inner join fit on accounts.account_id = fit.account_id
    left join won_accounts on accounts.account_id = won_accounts.account_id

)

select * from final
