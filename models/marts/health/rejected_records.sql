{# One row per raw row that could not be used, with the reason and the row itself. #}
{% set tables = {
    'crm_accounts': ('base_crm__accounts', 'account_id'),
    'crm_contacts': ('base_crm__contacts', 'contact_id'),
    'crm_opportunities': ('base_crm__opportunities', 'opportunity_id'),
    'crm_activities': ('base_crm__activities', 'activity_id'),
    'email_events': ('base_email__events', 'event_id'),
    'web_events': ('base_web__events', 'event_id'),
    'content_events': ('base_content__events', 'event_id'),
    'linkedin_events': ('base_linkedin__events', 'event_id'),
    'ad_events': ('base_ads__events', 'event_id'),
    'intent_events': ('base_intent__events', 'event_id'),
    'product_events': ('base_product__events', 'event_id'),
} %}
with

final as (

    {% for table, (model, key) in tables.items() %}
    select
        '{{ table }}' as source_table,
        {{ masked(key) if key == 'contact_id' else key }} as record_key,
        rejection_reason,
        {{ masked('raw_row') }} as raw_row,
        loaded_at

    from {{ ref(model) }}
    where rejection_reason is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
