{# One row per Salesloft account. Archived accounts are included and count as deleted. #}
{{ config(enabled=is_vendor_on('salesloft'), materialized=for_many_readers()) }}
with

accounts as (

    {{ record_loads('salesloft', 'account', 'id') }}

),

owners as (

    {{ newest_rows('salesloft', 'users', 'id') }}

),

final as (

    select
        {{ contract_columns('crm_accounts', {
            'account_id': 'accounts.id',
            'account_name': 'accounts.name',
            'domain': 'coalesce(accounts.domain, accounts.website)',
            'is_deleted':
                is_gone(['_fivetran_deleted'], 'accounts') ~ ' or accounts.archived_at is not null',
            'industry': 'accounts.industry',
            'employee_count': 'accounts.size',
            'country': 'accounts.country',
            'owner_email': 'owners.email',
            'lifecycle_stage': 'accounts.company_type',
            'created_at': 'accounts.created_at',
            'loaded_at': load_time('accounts'),
        }, 'accounts') }}

    from accounts
    left join owners
        on {{ id_or_object('accounts.owner_id', 'accounts.owner') }} = owners.record_key

)

select * from final
