{# One row per HubSpot call, meeting, task and note. #}
{{ config(enabled=is_vendor_on('hubspot'), materialized=for_many_readers()) }}
with

engagements as (

    select * from {{ ref('landing_hubspot__engagements') }}
    where kind <> 'email'

),

contacts as (

    select * from {{ ref('landing_hubspot__contact_emails') }}

),

canceled as (

    {{ matched_messages('engagements', 'subject', 'subject', 'canceled') }}

),

known_types as (

    {{ translated_words('crm_activities', 'event_type') }}

),

final as (

    select
        {{ contract_columns('crm_activities', {
            'activity_id': "'hubspot ' || engagements.engagement_id",
            'account_id': 'engagements.company_ids' if var('crm') == 'hubspot' else 'null',
            'contact_id': 'engagements.contact_ids' if var('crm') == 'hubspot' else 'null',
            'email': 'contacts.email',
            'activity_type': "case when engagements.is_deleted then 'deleted'"
                ~ ' when known_types.plain_word is not null then engagements.stated_type'
                ~ ' else engagements.kind end',
            'outcome': "case when canceled.subject is not null then 'canceled'"
                ~ ' else engagements.outcome end',
            'occurred_at': 'engagements.happened_at',
            'loaded_at': 'engagements.loaded_at',
        }, 'engagements') }}

    from engagements
    left join contacts
        on {{ without_decimals(first_listed('engagements.contact_ids')) }} = contacts.contact_key
    left join canceled on engagements.subject = canceled.subject
    left join known_types
        on {{ plain_word('engagements.stated_type') }} = known_types.plain_word

)

select * from final
