{#
  One row per version of an event. If a visitor is identified on a later day, the event has two
  versions. It is anonymous until the day before, and the person's from that day on. It is a view,
  because each reader needs other events.
#}
{{ config(materialized='view') }}
with

versions as (

    select false as is_anonymous
    union all
    select true as is_anonymous

),

final as (

    select
        events.event_id,
        events.event_key,
        events.channel,
        events.event_type,
        events.event_kind,
        case
            when versions.is_anonymous then events.anonymous_account_id
            else events.account_id
        end as account_id,
        case when not versions.is_anonymous then events.person_id end as person_id,
        events.visitor_id,
        events.email,
        case when not versions.is_anonymous then events.persona end as persona,
        events.asset,
        events.outcome,
        events.value,
        events.is_machine,
        events.occurred_at,
        events.occurred_on,
        case
            when versions.is_anonymous then events.occurred_on
            else coalesce(events.known_on, events.occurred_on)
        end as counts_from,
        -- null: it never stops counting
        case when versions.is_anonymous then events.known_on end as counts_until

    from {{ ref('int_event_identities') }} as events
    inner join versions on events.known_on is not null or not versions.is_anonymous

)

select * from final
