{#
  One row per HubSpot call, meeting, task, note and email, with its people and companies. If there
  are several contacts or companies, the column holds a list.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

{% set kinds = {
    'call': {
        'stated_type': 'property_hs_activity_type',
        'outcome': 'coalesce(property_hs_call_disposition, property_hs_call_status)',
    },
    'meeting': {
        'stated_type': 'property_hs_activity_type',
        'outcome': 'property_hs_meeting_outcome',
        'subject': 'property_hs_meeting_title',
        'happened_at': 'coalesce(property_hs_meeting_start_time, property_hs_timestamp)',
    },
    'task': {'outcome': 'property_hs_task_status'},
    'note': {},
    'email': {
        'companies': null_text(),
        'outcome': 'property_hs_email_status',
        'subject': 'property_hs_email_subject',
        'direction': 'property_hs_email_direction',
        'from_email': 'property_hs_email_from_email',
        'to_email': 'property_hs_email_to_email',
    },
} %}
{% set further_columns = [
    'stated_type', 'outcome', 'subject', 'direction', 'from_email', 'to_email',
] %}
details as (

    {% for kind, columns in kinds.items() %}
    select
        '{{ kind }}' as kind,
        newest_loads.engagement_id,
        newest_loads.record_key as engagement_key,
        {% for column in further_columns %}
        {{ columns.get(column, null_text()) }} as {{ column }},
        {% endfor %}
        {{ listed('contacts') }} as contact_ids,
        {{ columns.get('companies', listed('companies')) }} as company_ids,
        {{ columns.get('happened_at', 'property_hs_timestamp') }} as happened_at,
        {{ is_gone(['_fivetran_deleted', 'archived']) }} as is_deleted,
        {{ sync_time('newest_loads') }} as loaded_at,
        {{ landing_columns() | join(', ') }}

    from (
        {{ newest_rows('hubspot', 'engagement_' ~ kind, 'engagement_id') }}
    ) as newest_loads
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

engagements as (

    {{ newest_rows('hubspot', 'engagement', 'id') }}

),

contacts as (

    select
        {{ without_decimals('engagement_id') }} as engagement_key,
        {{ listed(ordered_text('contact_id')) }} as contact_ids

    from {{ raw_table('engagement_contact', 'hubspot') }}
    group by {{ without_decimals('engagement_id') }}

),

companies as (

    select
        {{ without_decimals('engagement_id') }} as engagement_key,
        {{ listed(ordered_text('company_id')) }} as company_ids

    from {{ raw_table('engagement_company', 'hubspot') }}
    group by {{ without_decimals('engagement_id') }}

),

final as (

    select
        details.kind,
        details.engagement_id,
        coalesce(contacts.contact_ids, details.contact_ids) as contact_ids,
        coalesce(companies.company_ids, details.company_ids) as company_ids,
        details.stated_type,
        details.outcome,
        details.subject,
        coalesce(details.direction, engagements.type) as direction,
        details.from_email,
        details.to_email,
        details.is_deleted
        or coalesce(engagements._fivetran_deleted, not engagements.active, false) as is_deleted,
        coalesce(details.happened_at, engagements.timestamp) as happened_at,
        {% for column in landing_columns() %}
        details.{{ column }},
        {% endfor %}
        details.loaded_at

    from details
    left join engagements on details.engagement_key = engagements.record_key
    left join contacts on details.engagement_key = contacts.engagement_key
    left join companies on details.engagement_key = companies.engagement_key

)

select * from final
