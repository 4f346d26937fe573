{#
  One row per account of the CRM: its newest usable load. Merged and deleted accounts are included;
  `int_accounts` holds the live ones.
#}
with

usable as (

    select
        *,
        min(loaded_at) over (partition by account_id) as first_loaded_at

    from {{ contract_rows('crm_accounts') }}
    where {{ rejection_reason('crm_accounts') }} is null

),

newest_loads as (

    {{ newest_loads('usable', 'crm_accounts') }}

),

final as (

    select
        account_id,
        account_name,
        lower(domain) as domain,
        parent_account_id,
        merged_into_account_id,
        cast(account_tier as integer) as account_tier,
        industry,
        employee_count,
        annual_revenue_usd,
        country,
        lower(owner_email) as owner_email,
        lifecycle_stage,
        coalesce(is_deleted, false) as is_deleted,
        coalesce(created_at, first_loaded_at) as created_at,
        loaded_at,
        row_id

    from newest_loads

)

select * from final
