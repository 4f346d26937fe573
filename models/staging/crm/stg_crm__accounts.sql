{# One row per account of the CRM. #}
with

usable as (

    select * from {{ ref('base_crm__accounts') }}
    where rejection_reason is null

),

final as (

    select
        account_id,
        account_name,
        {{ bare_domain('domain') }} as domain,
        parent_account_id,
        cast(account_tier as integer) as account_tier,
        industry,
        employee_count,
        annual_revenue_usd,
        country,
        lower(owner_email) as owner_email,
        lifecycle_stage,
        created_at,
        loaded_at

    from usable

)

select * from final
