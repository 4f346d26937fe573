{#
  One row per HubSpot form in which a contact asked for content, and one per participant of a
  marketing event.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized=for_many_readers()) }}
with

submissions as (

    select * from {{ ref('landing_hubspot__form_submissions') }}
    where content_type is not null

),

participants as (

    {{ newest_rows('hubspot', 'marketing_event_participant', 'id') }}

),

newest_marketing_events as (

    {{ newest_rows('hubspot', 'marketing_event', 'id') }}

),

marketing_events as (

    select
        *,
        coalesce(event_cancelled, false)
        or {{ is_gone(['_fivetran_deleted', 'archived']) }} as is_off

    from newest_marketing_events

),

contacts as (

    select * from {{ ref('landing_hubspot__contact_emails') }}

),

final as (

    select
        {{ contract_columns('content_events', {
            'event_id': "'hubspot ' || submissions.conversion_id",
            'email': 'submissions.email',
            'event_type': 'submissions.content_type',
            'asset': 'submissions.form_name',
            'campaign': 'submissions.form_name',
            'occurred_at': 'submissions.timestamp',
            'loaded_at': 'submissions.loaded_at',
        }, 'submissions') }}

    from submissions

    union all

    select
        {{ contract_columns('content_events', {
            'event_id': "'hubspot ' || participants.id",
            'email': 'contacts.email',
            'event_type': 'case when ' ~ is_gone(['_fivetran_deleted', 'archived'], 'participants')
                ~ " or marketing_events.is_off then 'cancelled'"
                ~ ' else participants.properties_attendance_state end',
            'asset': 'marketing_events.event_name',
            'campaign': 'marketing_events.event_name',
            'occurred_at': 'coalesce(participants.properties_occurred_at, participants.created_at)',
            'loaded_at': sync_time('participants'),
        }, 'participants') }}

    from participants
    left join marketing_events
        on {{ without_decimals('participants.marketing_event_id') }} = marketing_events.record_key
    left join contacts on {{ without_decimals('participants.contact_id') }} = contacts.contact_key

)

select * from final
