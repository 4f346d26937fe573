{#
  One row per Salesloft call and meeting. The outcome of a call is its sentiment if the seed
  `event_words` knows it, or else its disposition.
#}
{{ config(enabled=is_vendor_on('salesloft'), materialized='table') }}
with

people as (

    {{ newest_rows('salesloft', 'people', 'id') }}

),

newest_calls as (

    {{ newest_rows('salesloft', 'call', 'id') }}

),

calls as (

    select
        *,
        {{ is_gone(['_fivetran_deleted']) }} as is_gone,
        {{ id_or_object('called_person_id', 'called_person') }} as called_id

    from newest_calls

),

newest_meetings as (

    {{ newest_rows('salesloft', 'meeting', 'id') }}

),

meetings as (

    select
        *,
        {{ is_gone(['_fivetran_deleted']) }} as is_gone,
        {{ id_or_object('person_id', 'person') }} as met_id

    from newest_meetings

),

canceled as (

    {{ matched_messages('meetings', 'title', 'subject', 'canceled') }}

),

known_outcomes as (

    {{ translated_words('crm_activities', 'outcome') }}

),

known_types as (

    {{ translated_words('crm_activities', 'event_type') }}

),

final as (

    select
        {{ contract_columns('crm_activities', {
            'activity_id': "'salesloft call ' || calls.id",
            'contact_id': 'calls.called_id' if var('crm') == 'salesloft' else 'null',
            'email': 'people.email_address',
            'activity_type': "case when calls.is_gone then 'deleted' else 'call' end",
            'outcome': 'case when known_outcomes.plain_word is not null then calls.sentiment'
                ~ ' else coalesce(calls.disposition, calls.sentiment) end',
            'occurred_at': 'calls.created_at',
            'loaded_at': sync_time('calls'),
        }, 'calls') }}

    from calls
    left join people on calls.called_id = people.record_key
    left join known_outcomes on {{ plain_word('calls.sentiment') }} = known_outcomes.plain_word

    union all

    select
        {{ contract_columns('crm_activities', {
            'activity_id': "'salesloft meeting ' || meetings.id",
            'contact_id': 'meetings.met_id' if var('crm') == 'salesloft' else 'null',
            'email': 'coalesce(meetings.recipient_email, people.email_address)',
            'activity_type': "case when meetings.is_gone then 'deleted'"
                ~ ' when known_types.plain_word is not null then meetings.meeting_type'
                ~ " else 'meeting' end",
            'outcome': 'case when meetings.canceled_at is not null or canceled.title is not null'
                ~ " then 'canceled'"
                ~ " when meetings.no_show then 'no_show'"
                ~ ' when ' ~ plain_word('meetings.status') ~ " <> 'booked' then meetings.status end",
            'occurred_at': 'meetings.start_time',
            'loaded_at': sync_time('meetings'),
        }, 'meetings') }}

    from meetings
    left join people on meetings.met_id = people.record_key
    left join canceled on meetings.title = canceled.title
    left join known_types on {{ plain_word('meetings.meeting_type') }} = known_types.plain_word

)

select * from final
