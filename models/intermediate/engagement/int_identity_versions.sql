{#
  One row per event and version of what was known about it, with the attributes signals can match
  on. An event whose visitor became known later has two: anonymous until the day before, and the
  person's from that day on. `counts_from` is the day a version enters the scores, `counts_until`
  the day it leaves them (null: never).
#}
{{ config(materialized='view') }}
{# the day on which the visitor became known; null: knowing changed nothing, or at once #}
{% set known_on -%}
    case
            when
                cast(known_at as date) > cast(occurred_at as date)
                and (
                    person_id is not null
                    or coalesce(account_id, '') <> coalesce(anonymous_account_id, '')
                )
                then cast(known_at as date)
        end
{%- endset %}
with

value_steps as (

    select * from {{ ref('int_value_steps') }}

),

latest_versions as (

    select
        event_id,
        source_table,
        channel,
        event_type,
        account_id,
        person_id,
        contact_id,
        visitor_id,
        asset,
        outcome,
        value,
        is_machine,
        persona,
        is_decision_maker,
        event_kind,
        occurred_at,
        cast(occurred_at as date) as occurred_on,
        coalesce({{ known_on }}, cast(occurred_at as date)) as counts_from,
        cast(null as date) as counts_until

    from {{ ref('int_engagement_events') }}

),

anonymous_versions as (

    select
        event_id,
        source_table,
        channel,
        event_type,
        anonymous_account_id as account_id,
        {{ null_text() }} as person_id,
        {{ null_text() }} as contact_id,
        visitor_id,
        asset,
        outcome,
        value,
        is_machine,
        {{ null_text() }} as persona,
        false as is_decision_maker,
        {{ event_kind(null_text()) }} as event_kind,
        occurred_at,
        cast(occurred_at as date) as occurred_on,
        cast(occurred_at as date) as counts_from,
        {{ known_on }} as counts_until

    from {{ ref('int_engagement_events') }}
    where known_at is not null

),

versions as (

    select * from latest_versions
    union all
    select * from anonymous_versions
    where counts_until is not null

),

final as (

    select
        versions.*,
        value_steps.value_reached,
        case
            when value_steps.value_reached is null then versions.event_kind
            else {{ key_text(['versions.event_kind', 'value_steps.value_reached']) }}
        end as match_key

    from versions
    left join value_steps on versions.value = value_steps.value

)

select * from final
