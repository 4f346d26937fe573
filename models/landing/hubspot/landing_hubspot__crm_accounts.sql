{#
  One row per HubSpot company, including deleted companies and companies that disappeared in a
  merge.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

company_loads as (

    {{ record_loads('hubspot', 'company', 'id') }}

),

companies as (

    select
        *,
        property_hs_merged_object_ids as merged_ids,
        {{ is_gone(['is_deleted', '_fivetran_deleted', 'archived']) }} as is_gone

    from company_loads

),

merged as (

    {{ merged_records('companies') }}

),

owners as (

    {{ hubspot_owners() }}

),

survivors as (

    select
        merged_id,
        max(survivor_id) as survivor_id

    from merged
    group by merged_id

),

final as (

    select
        {{ contract_columns('crm_accounts', {
            'account_id': 'companies.id',
            'account_name': 'companies.property_name',
            'domain': 'coalesce('
                ~ both('companies.property_domain', 'companies.property_hs_additional_domains')
                ~ ', companies.property_website)',
            'parent_account_id': 'companies.property_hs_parent_company_id',
            'merged_into_account_id': 'survivors.survivor_id',
            'is_deleted': 'companies.is_gone',
            'account_tier': tier_number('companies.property_hs_ideal_customer_profile'),
            'industry': 'companies.property_industry',
            'employee_count': 'companies.property_numberofemployees',
            'annual_revenue_usd': 'companies.property_annualrevenue',
            'country': 'companies.property_country',
            'owner_email': 'owners.email',
            'lifecycle_stage':
                'coalesce(companies.property_lifecyclestage, companies.property_type)',
            'created_at': 'companies.property_createdate',
            'loaded_at': load_time('companies'),
        }, 'companies') }}

    from companies
    left join survivors on companies.record_key = survivors.merged_id
    left join owners on {{ owner_key('companies.property_hubspot_owner_id') }} = owners.owner_key

    union all

    select
        {{ contract_columns('crm_accounts', {
            'account_id': 'merged.merged_id',
            'merged_into_account_id': 'companies.id',
            'loaded_at': load_time('companies'),
        }, 'companies') }}

    from merged
    inner join companies on merged.survivor_row_id = companies.row_id
    left join companies as known_companies on merged.merged_id = known_companies.record_key
    where known_companies.record_key is null

)

select * from final
