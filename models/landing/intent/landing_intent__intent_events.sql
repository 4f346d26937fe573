{#
  One row per company, topic and day of an intent provider. For a visit to G2, the topic is the page
  that was viewed, with "g2" before it.
#}
{{ config(enabled=is_vendor_on('intent'), materialized=for_many_readers()) }}
with

surges as (

    select
        *,
        composite_score as score,
        date as occurred_at

    from {{ raw_table('bombora_company_surge', 'intent') }}

),

visits as (

    select
        *,
        'g2 ' || coalesce(signal_type, 'visit') || coalesce(' ' || product, '') as topic,
        {{ double('null') }} as score,
        time as occurred_at

    from {{ raw_table('g2_buyer_intent', 'intent') }}

),

others as (

    select * from {{ raw_table('intent_signal', 'intent') }}

),

final as (

    {% for signals, provider in [
        ('surges', "'bombora'"), ('visits', "'g2'"), ('others', "coalesce(others.provider, 'other')"),
    ] %}
    select
        {{ contract_columns('intent_events', {
            'event_id': "'intent ' || " ~ provider
                ~ " || ' ' || coalesce(" ~ signals ~ ".company_domain, '')"
                ~ " || ' ' || coalesce(" ~ signals ~ ".topic, '')"
                ~ " || ' ' || cast(" ~ signals ~ '.occurred_at as ' ~ dbt.type_string() ~ ')',
            'company_domain': signals ~ '.company_domain',
            'topic': signals ~ '.topic',
            'surge_score': signals ~ '.score',
            'occurred_at': signals ~ '.occurred_at',
            'loaded_at': load_time(signals),
        }, signals) }}

    from {{ signals }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
