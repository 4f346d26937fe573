{#
  One row per day, campaign and company whose members saw or clicked LinkedIn ads. It is a click if
  there was at least one, or else an impression; the numbers of clicks and impressions don't matter.
#}
{{ config(enabled=is_vendor_on('linkedin_ads'), materialized=for_many_readers()) }}
with

analytics as (

    select
        *,
        {{ linkedin_id('member_company') }} as organization_id,
        {{ linkedin_id('campaign_id') }} as campaign_number

    from {{ raw_table('ad_analytics_by_member_company', 'linkedin_ads') }}
    where coalesce(clicks, 0) > 0 or coalesce(impressions, 0) > 0

),

organizations as (

    {{ newest_rows('linkedin_ads', 'organization', 'id') }}

),

campaigns as (

    {{ newest_rows('linkedin_ads', 'campaign_history', 'id') }}

),

final as (

    select
        {{ contract_columns('ad_events', {
            'event_id': "'linkedin_ads ' || coalesce(analytics.campaign_number, analytics.campaign_name, '')"
                ~ " || ' ' || coalesce(analytics.organization_id, analytics.company_domain, '')"
                ~ " || ' ' || cast(cast(analytics.day as date) as " ~ dbt.type_string() ~ ')',
            'company_domain': 'coalesce(analytics.company_domain, organizations.website)',
            'event_type': "case when analytics.clicks > 0 then 'click' else 'impression' end",
            'platform': "'linkedin'",
            'campaign': 'coalesce(analytics.campaign_name, campaigns.name)',
            'occurred_at': 'analytics.day',
            'loaded_at': load_time('analytics'),
        }, 'analytics') }}

    from analytics
    left join organizations
        on analytics.organization_id = {{ linkedin_id('organizations.id') }}
    left join campaigns on analytics.campaign_number = {{ linkedin_id('campaigns.id') }}

)

select * from final
