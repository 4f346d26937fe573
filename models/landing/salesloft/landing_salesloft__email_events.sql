{#
  One row per Salesloft email that was sent, plus one each if it bounced, was viewed, clicked or
  answered. Salesloft only counts these, so they get the date of the email's last change.
#}
{{ config(enabled=is_vendor_on('salesloft'), materialized='table') }}
with

people as (

    {{ newest_rows('salesloft', 'people', 'id') }}

),

cadences as (

    {{ newest_rows('salesloft', 'cadence', 'id') }}

),

newest_emails as (

    {{ newest_rows('salesloft', 'email', 'id') }}

),

emails as (

    select
        emails.*,
        {{ is_gone(['_fivetran_deleted'], 'emails') }} as is_gone,
        coalesce(emails.recipient_email_address, people.email_address) as email,
        cadences.name as campaign,
        {% for count in ('views', 'clicks', 'replies') %}
        coalesce(
            emails.counts_{{ count }} > 0,
            {{ json_member('emails.counts', count) }} <> '0',
            false
        ) as has_{{ count }},
        {% endfor %}
        coalesce(emails.updated_at, emails.sent_at) as changed_at

    from newest_emails as emails
    left join people
        on {{ id_or_object('emails.recipient_id', 'emails.recipient') }} = people.record_key
    left join cadences
        on {{ id_or_object('emails.cadence_id', 'emails.cadence') }} = cadences.record_key

),

final as (

    {% for event_type, occurred_at, condition in [
        ('sent', 'sent_at', 'sent_at is not null'),
        ('open', 'changed_at', 'has_views'),
        ('click', 'changed_at', 'has_clicks'),
        ('reply', 'changed_at', 'has_replies'),
        ('bounce', 'changed_at', 'bounced'),
    ] %}
    select
        {{ contract_columns('email_events', {
            'event_id': "'salesloft ' || emails.id",
            'email': 'emails.email',
            'event_type':
                "case when emails.is_gone then 'deleted' else '" ~ event_type ~ "' end",
            'campaign': 'emails.campaign',
            'occurred_at': 'emails.' ~ occurred_at,
            'loaded_at': sync_time('emails'),
        }, 'emails') }}

    from emails
    where
        emails.{{ condition }}
        {{ '' if loop.first else 'and not emails.is_gone' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
