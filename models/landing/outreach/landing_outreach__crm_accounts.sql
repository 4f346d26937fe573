{# One row per Outreach account, including deleted ones. #}
{{ config(enabled=is_vendor_on('outreach'), materialized=for_many_readers()) }}
with

accounts as (

    {{ record_loads('outreach', 'account', 'id') }}

),

owners as (

    {{ newest_rows('outreach', 'users', 'id') }}

),

final as (

    select
        {{ contract_columns('crm_accounts', {
            'account_id': 'accounts.id',
            'account_name': 'accounts.name',
            'domain': 'coalesce(accounts.domain, accounts.website_url)',
            'is_deleted': is_gone(['_fivetran_deleted'], 'accounts'),
            'industry': 'accounts.industry',
            'employee_count': 'accounts.number_of_employees',
            'owner_email': 'owners.email',
            'lifecycle_stage': 'accounts.company_type',
            'created_at': 'accounts.created_at',
            'loaded_at': load_time('accounts'),
        }, 'accounts') }}

    from accounts
    left join owners
        on {{ without_decimals(listed('accounts.relationship_owner_id')) }} = owners.record_key

)

select * from final
