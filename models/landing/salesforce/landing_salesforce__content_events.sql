{#
  One row per member of a Salesforce campaign. The event type combines the campaign's type and the
  member's status, such as "webinar attended". If the seed `event_words` doesn't know the
  combination, it is the status alone.
#}
{{ config(enabled=is_vendor_on('salesforce'), materialized='table') }}
with

campaigns as (

    {{ newest_rows('salesforce', 'campaign', 'id') }}

),

contact_emails as (

    select * from {{ ref('landing_salesforce__contact_emails') }}

),

newest_members as (

    {{ newest_rows('salesforce', 'campaign_member', 'id') }}

),

members as (

    select
        members.*,
        campaigns.name as campaign_name,
        campaigns.type || ' ' || members.status as type_and_status,
        coalesce(members.email, contacts.email, leads.email) as person_email

    from newest_members as members
    left join campaigns on {{ salesforce_key('members.campaign_id') }} = campaigns.record_key
    left join contact_emails as contacts
        on {{ salesforce_key('members.contact_id') }} = contacts.contact_key
    left join contact_emails as leads on {{ salesforce_key('members.lead_id') }} = leads.contact_key

),

known_types as (

    {{ translated_words('content_events', 'event_type', with_ignored=true) }}

),

final as (

    select
        {{ contract_columns('content_events', {
            'event_id': "'salesforce ' || members.id",
            'email': 'members.person_email',
            'event_type': "case when " ~ is_gone(['is_deleted'], 'members') ~ " then 'deleted'"
                ~ ' when known_types.plain_word is not null then members.type_and_status'
                ~ ' else members.status end',
            'asset': 'members.campaign_name',
            'campaign': 'members.campaign_name',
            'occurred_at': 'coalesce(members.first_responded_date, members.created_date)',
            'loaded_at': sync_time('members'),
        }, 'members') }}

    from members
    left join known_types on {{ plain_word('members.type_and_status') }} = known_types.plain_word

)

select * from final
