{# One row per Salesforce account, including merged and deleted ones. #}
{{ config(enabled=is_vendor_on('salesforce'), materialized=for_many_readers()) }}
with

accounts as (

    {{ record_loads('salesforce', 'account', 'id') }}

),

owners as (

    {{ newest_rows('salesforce', 'user', 'id') }}

),

final as (

    select
        {{ contract_columns('crm_accounts', {
            'account_id': 'accounts.id',
            'account_name': 'accounts.name',
            'domain': 'accounts.website',
            'parent_account_id': 'accounts.parent_id',
            'merged_into_account_id': 'accounts.master_record_id',
            'is_deleted': is_gone(['is_deleted'], 'accounts'),
            'industry': 'accounts.industry',
            'employee_count': 'accounts.number_of_employees',
            'annual_revenue_usd': 'accounts.annual_revenue',
            'country': 'coalesce(accounts.billing_country, accounts.shipping_country)',
            'owner_email': 'owners.email',
            'lifecycle_stage': 'accounts.type',
            'created_at': 'accounts.created_date',
            'loaded_at': load_time('accounts'),
        }, 'accounts') }}

    from accounts
    left join owners on {{ salesforce_key('accounts.owner_id') }} = owners.record_key

)

select * from final
