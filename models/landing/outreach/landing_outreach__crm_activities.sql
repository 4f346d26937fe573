{#
  One row per Outreach call. Its outcome is the name of the call's disposition if the seed
  `event_words` knows it, or else the outcome that Outreach gives.
#}
{{ config(enabled=is_vendor_on('outreach'), materialized='table') }}
with

calls as (

    {{ newest_rows('outreach', 'call', 'id') }}

),

dispositions as (

    {{ newest_rows('outreach', 'call_disposition', 'id') }}

),

prospect_emails as (

    select * from {{ ref('landing_outreach__prospect_emails') }}

),

known_outcomes as (

    {{ translated_words('crm_activities', 'outcome') }}

),

final as (

    select
        {{ contract_columns('crm_activities', {
            'activity_id': "'outreach ' || calls.id",
            'contact_id': listed('calls.relationship_prospect_id') if var('crm') == 'outreach'
                else 'null',
            'email': 'prospect_emails.email',
            'activity_type': "case when " ~ is_gone(['_fivetran_deleted'], 'calls')
                ~ " then 'deleted' else 'call' end",
            'outcome': 'case when known_outcomes.plain_word is not null then dispositions.name'
                ~ ' else coalesce(calls.outcome, dispositions.outcome, dispositions.name) end',
            'occurred_at': 'coalesce(calls.answered_at, calls.dialed_at, calls.completed_at, '
                ~ 'calls.created_at)',
            'loaded_at': sync_time('calls'),
        }, 'calls') }}

    from calls
    left join dispositions
        on
            {{ without_decimals(listed('calls.relationship_call_disposition_id')) }}
            = dispositions.record_key
    left join known_outcomes on {{ plain_word('dispositions.name') }} = known_outcomes.plain_word
    left join prospect_emails
        on
            {{ without_decimals(listed('calls.relationship_prospect_id')) }}
            = prospect_emails.prospect_id

)

select * from final
