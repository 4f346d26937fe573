{# One row per event of a HubSpot marketing email, and one per email between a rep and a contact. #}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

events as (

    select * from {{ raw_table('email_event', 'hubspot') }}

),

{% for name, columns in {
    'click': ['url', 'user_agent'],
    'open': ['user_agent'],
    'bounce': ['status'],
    'status_change': ['portal_subscription_status'],
}.items() %}
{{ name }}s as (

    -- one of several loads
    select
        {% for column in columns %}
        max({{ column }}) as {{ column }},
        {% endfor %}
        id

    from {{ raw_table('email_event_' ~ name, 'hubspot') }}
    group by id

),

{% endfor %}
campaigns as (

    {{ newest_rows('hubspot', 'email_campaign', 'id') }}

),

marketing_events as (

    select
        events.*,
        campaigns.name as campaign,
        coalesce(events.url, clicks.url) as link_url,
        coalesce(events.user_agent, clicks.user_agent, opens.user_agent) as agent,
        coalesce(events.status, bounces.status) as mail_server_status,
        coalesce(events.portal_subscription_status, status_changes.portal_subscription_status)
            as subscription_status

    from events
    left join clicks on events.id = clicks.id
    left join opens on events.id = opens.id
    left join bounces on events.id = bounces.id
    left join status_changes on events.id = status_changes.id
    left join campaigns on {{ without_decimals('events.email_campaign_id') }} = campaigns.record_key

),

engagements as (

    select * from {{ ref('landing_hubspot__engagements') }}
    where kind = 'email'

),

contacts as (

    select * from {{ ref('landing_hubspot__contact_emails') }}

),

automatic_subjects as (

    {{ matched_messages('engagements', 'subject', 'subject', 'automatic') }}

),

automatic_senders as (

    {{ matched_messages('engagements', 'from_email', 'sender', 'automatic') }}

),

final as (

    select
        {{ contract_columns('email_events', {
            'event_id': "'hubspot ' || marketing_events.id",
            'email': 'marketing_events.recipient',
            'event_type': "case when marketing_events.filtered_event"
                ~ " then 'filtered ' || marketing_events.type"
                ~ " when " ~ plain_word('marketing_events.type') ~ " = 'bounce'"
                ~ " and marketing_events.mail_server_status like '4%' then 'soft bounce'"
                ~ " else coalesce(marketing_events.type || ' ' || "
                ~ 'marketing_events.subscription_status, marketing_events.type) end',
            'campaign': 'marketing_events.campaign',
            'link_url': 'marketing_events.link_url',
            'user_agent': 'marketing_events.agent',
            'occurred_at': 'marketing_events.created',
            'loaded_at': load_time('marketing_events'),
        }, 'marketing_events') }}

    from marketing_events

    union all

    select
        {{ contract_columns('email_events', {
            'event_id': "'hubspot ' || engagements.engagement_id",
            'email': "coalesce(case when engagements.direction like 'INCOMING%'"
                ~ ' then engagements.from_email else engagements.to_email end, contacts.email)',
            'event_type': "case when engagements.is_deleted then 'deleted'"
                ~ " when engagements.direction like 'INCOMING%'"
                ~ ' and coalesce(automatic_subjects.subject, automatic_senders.from_email) is not null'
                ~ " then 'automatic reply'"
                ~ " when engagements.direction = 'EMAIL'"
                ~ ' then coalesce(engagements.outcome, engagements.direction)'
                ~ ' else engagements.direction end',
            'occurred_at': 'engagements.happened_at',
            'loaded_at': 'engagements.loaded_at',
        }, 'engagements') }}

    from engagements
    left join automatic_subjects on engagements.subject = automatic_subjects.subject
    left join automatic_senders on engagements.from_email = automatic_senders.from_email
    left join contacts
        on {{ without_decimals(first_listed('engagements.contact_ids')) }} = contacts.contact_key

)

select * from final
