{#
  One row per event and version of what was known about it, with the attributes signals can match
  on. An event whose visitor became known later has two: anonymous until the day before, and the
  person's from that day on. `counts_from` is the day a version enters the scores, `counts_until`
  the day it leaves them (null: never).
#}
{{ config(materialized='view') }}
with

events as (

    select
        *,
        cast(occurred_at as date) as occurred_on,
        -- null: knowing the visitor changed nothing, or at once
        case
            when
                cast(known_at as date) > cast(occurred_at as date)
                and (person_id is not null or account_id is distinct from anonymous_account_id)
                then cast(known_at as date)
        end as known_on

    from {{ ref('int_engagement_events') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

min_values as (

    select distinct min_value from {{ ref('int_signals') }}
    where min_value is not null

),

value_steps as (

    -- the least values that signals ask for, each with the next higher one
    select
        min_value,
        coalesce(
            lead(min_value) over (order by min_value), {{ end_of_numbers() }}
        ) as next_min_value

    from min_values

),

versions as (

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
        occurred_at,
        occurred_on,
        coalesce(known_on, occurred_on) as counts_from,
        cast(null as date) as counts_until

    from events

    union all

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
        occurred_at,
        occurred_on,
        occurred_on as counts_from,
        known_on as counts_until

    from events
    where known_on is not null

),

described as (

    select
        versions.*,
        contacts.persona,
        coalesce(contacts.is_decision_maker, false) as is_decision_maker,
        value_steps.min_value as value_reached

    from versions
    left join contacts on versions.contact_id = contacts.contact_id
    left join value_steps
        on
            versions.value >= value_steps.min_value
            and versions.value < value_steps.next_min_value

),

final as (

    select
        *,
        {{ key_text(
            ['channel', 'event_type', 'outcome', 'persona', 'value_reached', 'asset']
        ) }} as match_key

    from described

)

select * from final
