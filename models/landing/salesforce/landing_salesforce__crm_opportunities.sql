{# One row per Salesforce opportunity, including deleted ones. #}
{{ config(enabled=is_vendor_on('salesforce'), materialized=for_many_readers()) }}
with

opportunities as (

    {{ record_loads('salesforce', 'opportunity', 'id') }}

),

final as (

    select
        {{ contract_columns('crm_opportunities', {
            'opportunity_id': 'opportunities.id',
            'account_id': 'opportunities.account_id',
            'opportunity_name': 'opportunities.name',
            'amount_usd': 'opportunities.amount',
            'stage': 'opportunities.stage_name',
            'is_closed': 'opportunities.is_closed',
            'is_won': 'opportunities.is_won',
            'is_deleted': is_gone(['is_deleted'], 'opportunities'),
            'created_at': 'opportunities.created_date',
            'closed_at': 'opportunities.close_date',
            'loaded_at': load_time('opportunities'),
        }, 'opportunities') }}

    from opportunities

)

select * from final
