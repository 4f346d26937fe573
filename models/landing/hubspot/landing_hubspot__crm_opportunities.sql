{#
  One row per HubSpot deal, including deleted and merged ones. A deal that was merged into another
  counts as deleted. The stage is its label, or its id if no table gives the label.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

deal_loads as (

    {{ record_loads('hubspot', 'deal', 'deal_id') }}

),

deals as (

    select
        *,
        property_hs_merged_object_ids as merged_ids,
        {{ is_gone(['is_deleted', '_fivetran_deleted', 'archived']) }} as is_gone

    from deal_loads

),

merged as (

    select merged_id from (
        {{ merged_records('deals') }}
    ) as named_deals
    union distinct
    select {{ without_decimals('merged_deal_id') }} as merged_id
    from {{ raw_table('merged_deal', 'hubspot') }}

),

stages as (

    {{ newest_rows('hubspot', 'deal_pipeline_stage', 'stage_id') }}

),

companies as (

    {{ linked_companies('deal_company', 'deal_id', '5') }}

),

final as (

    select
        {{ contract_columns('crm_opportunities', {
            'opportunity_id': 'deals.deal_id',
            'account_id': 'coalesce(deals.property_hs_primary_associated_company, '
                ~ 'companies.company_id, ' ~ listed('deals.companies') ~ ')',
            'opportunity_name': 'deals.property_dealname',
            'amount_usd': 'coalesce(deals.property_amount_in_home_currency, deals.property_amount)',
            'stage': 'coalesce(stages.label, deals.deal_pipeline_stage_id)',
            'is_closed': 'coalesce(deals.property_hs_is_closed, '
                ~ 'stages.closed_won or stages.probability = 1 or stages.probability = 0)',
            'is_won': 'coalesce(deals.property_hs_is_closed_won, '
                ~ 'stages.closed_won or stages.probability = 1)',
            'is_deleted': 'deals.is_gone or merged.merged_id is not null',
            'created_at': 'deals.property_createdate',
            'closed_at': 'deals.property_closedate',
            'loaded_at': load_time('deals'),
        }, 'deals') }}

    from deals
    left join merged on deals.record_key = merged.merged_id
    left join stages on {{ without_decimals('deals.deal_pipeline_stage_id') }} = stages.record_key
    left join companies on deals.record_key = companies.record_key

)

select * from final
