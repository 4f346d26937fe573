{#
  One row per event of an Outreach email: its delivery, first open, first click, reply and so on. An
  email that was neither delivered nor bounced has no event.
#}
{{ config(enabled=is_vendor_on('outreach'), materialized='table') }}
with

sequences as (

    {{ newest_rows('outreach', 'sequence', 'id') }}

),

prospect_emails as (

    select * from {{ ref('landing_outreach__prospect_emails') }}

),

newest_mailings as (

    {{ newest_rows('outreach', 'mailing', 'id') }}

),

mailings as (

    select
        mailings.*,
        {{ is_gone(['_fivetran_deleted'], 'mailings') }} as is_gone,
        prospect_emails.email,
        sequences.name as campaign

    from newest_mailings as mailings
    left join prospect_emails
        on
            {{ without_decimals(listed('mailings.relationship_prospect_id')) }}
            = prospect_emails.prospect_id
    left join sequences
        on
            {{ without_decimals(listed('mailings.relationship_sequence_id')) }}
            = sequences.record_key

),

final as (

    {% for event_type, column in {
        'delivered': 'delivered_at',
        'open': 'opened_at',
        'click': 'clicked_at',
        'reply': 'replied_at',
        'bounce': 'bounced_at',
        'unsubscribe': 'unsubscribed_at',
        'marked as spam': 'marked_as_spam_at',
    }.items() %}
    select
        {{ contract_columns('email_events', {
            'event_id': "'outreach ' || mailings.id",
            'email': 'mailings.email',
            'event_type':
                "case when mailings.is_gone then 'deleted' else '" ~ event_type ~ "' end",
            'campaign': 'mailings.campaign',
            'occurred_at': 'mailings.' ~ column,
            'loaded_at': sync_time('mailings'),
        }, 'mailings') }}

    from mailings
    where
        mailings.{{ column }} is not null
        {{ '' if loop.first else 'and not mailings.is_gone' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
