{#
  One row per live account of the CRM, neither merged nor deleted. It says what the account is to us,
  its top parent, and the day it won a deal. A prospect has the lifecycle of a prospect, and is one
  until the day it wins a deal.
#}
with recursive

accounts as (

    select
        accounts.*,
        {{ plain_stage('accounts.lifecycle_stage') }} as stage_word

    from {{ ref('stg_crm__accounts') }} as accounts
    inner join {{ ref('int_account_ids') }} as survivors
        on
            accounts.account_id = survivors.account_id_text
            and accounts.account_id = survivors.account_id

),

stages as (

    select distinct
        {{ plain_stage('stage') }} as stage_word,
        lifecycle

    from {{ ref('lifecycle_stages') }}

),

named as (

    select
        accounts.*,
        coalesce(stages.lifecycle, 'prospect') as lifecycle,
        stages.lifecycle is not null
        or accounts.stage_word is null
        or no_stages.value is not null as is_lifecycle_known

    from accounts
    left join stages on accounts.stage_word = stages.stage_word
    left join {{ ref('placeholders') }} as no_stages
        on lower(accounts.lifecycle_stage) = no_stages.value

),

links as (

    -- a link from each account to its parent; some CRMs name the top one as its own parent
    select
        accounts.account_id as id,
        nullif(parents.account_id, accounts.account_id) as next_id

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

final as (

    select
        accounts.account_id,
        accounts.account_name,
        websites.host as domain,
        top_parents.end_id as top_parent_account_id,
        accounts.account_tier,
        accounts.industry,
        accounts.employee_count,
        accounts.annual_revenue_usd,
        accounts.country,
        case when no_owners.value is null then accounts.owner_email end as owner_email,
        accounts.lifecycle_stage,
        accounts.lifecycle,
        accounts.is_lifecycle_known,
        opportunities.won_on,
        case
            when accounts.lifecycle = 'prospect'
                then coalesce(opportunities.won_on, {{ last_day() }})
            else {{ first_day() }}
        end as prospect_until,
        accounts.lifecycle = 'prospect' and opportunities.won_on is null as is_prospect,
        accounts.created_at

    from named as accounts
    inner join top_parents on accounts.account_id = top_parents.id
    left join {{ ref('placeholders') }} as no_owners on accounts.owner_email = no_owners.value
    -- the first host in the field, whether or not it can lead to the account
    left join {{ ref('int_websites') }} as websites
        on accounts.domain = websites.website_text and websites.value_rank = 1
    left join {{ ref('int_account_opportunities') }} as opportunities
        on accounts.account_id = opportunities.account_id

)

select * from final
