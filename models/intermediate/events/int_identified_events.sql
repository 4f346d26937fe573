{#
  One row per version of an event with an account and a possible signal. If a visitor is identified
  on a later day, the event has two versions. It is anonymous until the day before, and the person's
  from that day on. Machine events are left out. It is a view, because it has one reader.
#}
{{ config(materialized='view') }}
with

signal_kinds as (

    select distinct event_kind from {{ ref('int_event_kinds') }}
    where signal is not null

),

events as (

    select * from {{ ref('int_event_identities') }}
    where event_kind in (select event_kind from signal_kinds) and not is_machine

),

final as (

    select
        event_id,
        event_key,
        channel,
        event_kind,
        account_id,
        person_id,
        visitor_id,
        persona,
        asset,
        value,
        occurred_at,
        occurred_on,
        coalesce(known_on, occurred_on) as counts_from,
        -- null: it never stops counting
        cast(null as date) as counts_until

    from events
    where account_id is not null

    union all

    select
        event_id,
        event_key,
        channel,
        event_kind,
        anonymous_account_id as account_id,
        {{ null_text() }} as person_id,
        visitor_id,
        {{ null_text() }} as persona,
        asset,
        value,
        occurred_at,
        occurred_on,
        occurred_on as counts_from,
        known_on as counts_until

    from events
    where anonymous_account_id is not null and known_on is not null

)

select * from final
