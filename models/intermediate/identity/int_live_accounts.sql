{# One row per live account, neither merged nor deleted, and what it is to us. #}
with

accounts as (

    select
        *,
        {{ plain_word('lifecycle_stage') }} as stage_word

    from {{ ref('stg_crm__accounts') }}

),

survivors as (

    select account_id from {{ ref('int_account_ids') }}
    where account_id = account_id_text

),

stages as (

    select distinct
        {{ plain_word('stage') }} as stage_word,
        lifecycle

    from {{ ref('lifecycle_stages') }}

),

final as (

    select
        accounts.account_id,
        accounts.account_name,
        websites.host as domain,
        accounts.parent_account_id,
        accounts.account_tier,
        accounts.industry,
        accounts.employee_count,
        accounts.annual_revenue_usd,
        accounts.country,
        case when no_owners.value is null then accounts.owner_email end as owner_email,
        accounts.lifecycle_stage,
        coalesce(stages.lifecycle, 'prospect') as lifecycle,
        stages.lifecycle is not null
        or accounts.stage_word is null
        or no_stages.value is not null as is_lifecycle_known,
        accounts.created_at,
        accounts.loaded_at

    from accounts
    inner join survivors on accounts.account_id = survivors.account_id
    left join stages on accounts.stage_word = stages.stage_word
    left join {{ ref('placeholders') }} as no_stages
        on lower(accounts.lifecycle_stage) = no_stages.value
    left join {{ ref('placeholders') }} as no_owners on accounts.owner_email = no_owners.value
    -- the first host in the field, whether or not it can lead to the account
    left join {{ ref('int_websites') }} as websites
        on accounts.domain = websites.website_text and websites.value_rank = 1

)

select * from final
