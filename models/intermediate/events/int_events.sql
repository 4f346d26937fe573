{# One row per staged event of any channel, with the identity it carries. Nothing is looked up. #}
with

unioned as (

    select
        'email' as channel,
        'email_events' as source_table,
        event_id,
        event_type,
        {{ null_text() }} as account_id,
        {{ null_text() }} as contact_id,
        {{ null_text() }} as visitor_id,
        email,
        {{ null_text() }} as company_domain,
        campaign,
        coalesce(link_url, lower(campaign)) as asset,
        {{ null_text() }} as outcome,
        user_agent,
        {{ double('null') }} as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_email__events') }}

    union all

    select
        'web' as channel,
        'web_events' as source_table,
        event_id,
        event_type,
        {{ null_text() }} as account_id,
        {{ null_text() }} as contact_id,
        visitor_id,
        email,
        company_domain,
        campaign,
        coalesce(page_path, lower(campaign)) as asset,
        {{ null_text() }} as outcome,
        {{ null_text() }} as user_agent,
        duration_seconds as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_web__events') }}

    union all

    select
        'content' as channel,
        'content_events' as source_table,
        event_id,
        event_type,
        {{ null_text() }} as account_id,
        {{ null_text() }} as contact_id,
        {{ null_text() }} as visitor_id,
        email,
        {{ null_text() }} as company_domain,
        campaign,
        coalesce(asset, lower(campaign)) as asset,
        {{ null_text() }} as outcome,
        {{ null_text() }} as user_agent,
        {{ double('null') }} as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_content__events') }}

    union all

    select
        'linkedin' as channel,
        'linkedin_events' as source_table,
        event_id,
        event_type,
        {{ null_text() }} as account_id,
        {{ null_text() }} as contact_id,
        {{ null_text() }} as visitor_id,
        email,
        company_domain,
        campaign,
        lower(campaign) as asset,
        {{ null_text() }} as outcome,
        {{ null_text() }} as user_agent,
        {{ double('null') }} as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_linkedin__events') }}

    union all

    select
        'ads' as channel,
        'ad_events' as source_table,
        event_id,
        event_type,
        {{ null_text() }} as account_id,
        {{ null_text() }} as contact_id,
        visitor_id,
        email,
        company_domain,
        campaign,
        lower(campaign) as asset,
        {{ null_text() }} as outcome,
        {{ null_text() }} as user_agent,
        {{ double('null') }} as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_ads__events') }}

    union all

    select
        'sales' as channel,
        'crm_activities' as source_table,
        event_id,
        event_type,
        account_id,
        contact_id,
        {{ null_text() }} as visitor_id,
        {{ null_text() }} as email,
        {{ null_text() }} as company_domain,
        {{ null_text() }} as campaign,
        {{ null_text() }} as asset,
        outcome,
        {{ null_text() }} as user_agent,
        {{ double('null') }} as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_crm__activities') }}

    union all

    select
        'intent' as channel,
        'intent_events' as source_table,
        event_id,
        'surge' as event_type,
        {{ null_text() }} as account_id,
        {{ null_text() }} as contact_id,
        {{ null_text() }} as visitor_id,
        {{ null_text() }} as email,
        company_domain,
        {{ null_text() }} as campaign,
        topic as asset,
        {{ null_text() }} as outcome,
        {{ null_text() }} as user_agent,
        surge_score as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_intent__events') }}

    union all

    select
        'product' as channel,
        'product_events' as source_table,
        event_id,
        event_type,
        account_id,
        {{ null_text() }} as contact_id,
        {{ null_text() }} as visitor_id,
        email,
        {{ null_text() }} as company_domain,
        {{ null_text() }} as campaign,
        {{ null_text() }} as asset,
        {{ null_text() }} as outcome,
        {{ null_text() }} as user_agent,
        {{ double('null') }} as value,
        occurred_at,
        loaded_at

    from {{ ref('stg_product__events') }}

),

final as (

    select
        unioned.*,
        {{ key_text(['channel', 'event_type', 'asset', 'outcome']) }} as event_kind,
        cast(null as {{ dbt.type_bigint() }}) as row_id,
        false as is_removed

    from unioned

)

select * from final
