{#
  One row per Salesforce email that was sent or received, plus one for its first open and one for a
  bounce.
#}
{{ config(enabled=is_vendor_on('salesforce'), materialized=for_many_readers()) }}
with

newest_emails as (

    {{ newest_rows('salesforce', 'email_message', 'id') }}

),

automatic_subjects as (

    {{ matched_messages('newest_emails', 'subject', 'subject', 'automatic') }}

),

automatic_senders as (

    {{ matched_messages('newest_emails', 'from_address', 'sender', 'automatic') }}

),

emails as (

    select
        newest_emails.*,
        case
            when newest_emails.incoming then newest_emails.from_address
            else newest_emails.to_address
        end as person_address,
        coalesce(newest_emails.message_date, newest_emails.created_date) as sent_at,
        case
            when {{ is_gone(['is_deleted'], 'newest_emails') }} then 'deleted'
            when
                newest_emails.incoming
                and coalesce(automatic_subjects.subject, automatic_senders.from_address) is not null
                then 'automatic reply'
            when newest_emails.incoming then 'reply'
            when newest_emails.status = '5' then 'draft'
            else 'sent'
        end as kind

    from newest_emails
    left join automatic_subjects on newest_emails.subject = automatic_subjects.subject
    left join automatic_senders
        on newest_emails.from_address = automatic_senders.from_address

),

final as (

    select
        {{ contract_columns('email_events', {
            'event_id': "'salesforce ' || emails.id",
            'email': 'emails.person_address',
            'event_type': 'emails.kind',
            'occurred_at': 'emails.sent_at',
            'loaded_at': sync_time('emails'),
        }, 'emails') }}

    from emails
    {% for event_type, occurred_at, condition in [
        ('open', 'first_opened_date', 'first_opened_date is not null'),
        ('bounce', 'sent_at', 'is_bounced'),
    ] %}

    union all

    select
        {{ contract_columns('email_events', {
            'event_id': "'salesforce ' || emails.id",
            'email': 'emails.person_address',
            'event_type': "'" ~ event_type ~ "'",
            'occurred_at': 'emails.' ~ occurred_at,
            'loaded_at': sync_time('emails'),
        }, 'emails') }}

    from emails
    where emails.kind = 'sent' and emails.{{ condition }}
    {% endfor %}

)

select * from final
