{#
  One row per usable load of an event of any channel, in the columns that all channels share. An
  event that was loaded more than once has one row per load.
#}
{{ config(materialized='view') }}
with

final as (

    {{ event_rows('email', 'email_events', 'stg_email__events', {
        'email': 'email',
        'campaign': 'campaign',
        'asset': 'coalesce(link_url, lower(campaign))',
        'user_agent': 'user_agent',
    }) }}
    union all
    {{ event_rows('web', 'web_events', 'stg_web__events', {
        'visitor_id': 'visitor_id',
        'email': 'email',
        'company_domain': 'company_domain',
        'campaign': 'campaign',
        'asset': 'coalesce(page_path, lower(campaign))',
        'user_agent': 'user_agent',
        'value': 'duration_seconds',
    }) }}
    union all
    {{ event_rows('content', 'content_events', 'stg_content__events', {
        'email': 'email',
        'campaign': 'campaign',
        'asset': 'coalesce(asset, lower(campaign))',
    }) }}
    union all
    {{ event_rows('linkedin', 'linkedin_events', 'stg_linkedin__events', {
        'email': 'email',
        'company_domain': 'company_domain',
        'campaign': 'campaign',
        'asset': 'lower(campaign)',
    }) }}
    union all
    {{ event_rows('ads', 'ad_events', 'stg_ads__events', {
        'visitor_id': 'visitor_id',
        'email': 'email',
        'company_domain': 'company_domain',
        'campaign': 'campaign',
        'asset': 'lower(campaign)',
    }) }}
    union all
    {{ event_rows('sales', 'crm_activities', 'stg_crm__activities', {
        'event_key': 'event_id',
        'account_id': 'account_id',
        'contact_id': 'contact_id',
        'email': 'email',
        'outcome': 'outcome',
    }) }}
    union all
    {{ event_rows('intent', 'intent_events', 'stg_intent__events', {
        'event_key': 'event_id',
        'event_type': "'surge'",
        'company_domain': 'company_domain',
        'asset': 'topic',
        'value': 'surge_score',
    }) }}
    union all
    {{ event_rows('product', 'product_events', 'stg_product__events', {
        'account_id': 'account_id',
        'email': 'email',
    }) }}

)

select * from final
