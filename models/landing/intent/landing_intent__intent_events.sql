{#
  One row per company, topic and day of an intent provider. The topic of a visit to G2 is what was
  looked at, with "g2" before it.
#}
{{ config(enabled=is_vendor_on('intent')) }}
{% set signal_id = "' ' || coalesce(signals.company_domain, '') || ' ' || coalesce(signals.topic, '')"
    ~ " || ' ' || cast(signals.occurred_at as " ~ dbt.type_string() ~ ')' %}
with

signals as (

    select
        'bombora' as provider,
        company_domain,
        topic,
        composite_score as score,
        date as occurred_at,
        {{ load_time('surges') }} as loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from {{ raw_table('bombora_company_surge', 'intent') }} as surges

    union all

    select
        'g2' as provider,
        company_domain,
        'g2 ' || coalesce(signal_type, 'visit') || coalesce(' ' || product, '') as topic,
        {{ double('null') }} as score,
        time as occurred_at,
        {{ load_time('visits') }} as loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from {{ raw_table('g2_buyer_intent', 'intent') }} as visits

    union all

    select
        coalesce(provider, 'other') as provider,
        company_domain,
        topic,
        score,
        occurred_at,
        {{ load_time('others') }} as loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from {{ raw_table('intent_signal', 'intent') }} as others

),

final as (

    select
        {{ contract_columns('intent_events', {
            'event_id': "'intent ' || signals.provider || " ~ signal_id,
            'company_domain': 'signals.company_domain',
            'topic': 'signals.topic',
            'surge_score': 'signals.score',
            'occurred_at': 'signals.occurred_at',
            'loaded_at': 'signals.loaded_at',
        }, 'signals') }}

    from signals

)

select * from final
