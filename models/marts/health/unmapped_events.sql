{#
  One row per channel, event type, page category and outcome of events that no active signal
  matches: they score nothing.
#}
with

events as (

    select * from {{ ref('int_event_identities') }}

),

unmapped_kinds as (

    select * from {{ ref('int_event_kinds') }}
    where signal is null

),

final as (

    select
        events.channel,
        events.event_type,
        unmapped_kinds.page_category,
        events.outcome,
        cast(count(*) as integer) as event_count,
        cast(count(distinct events.account_id) as integer) as account_count,
        min(events.asset) as example_asset,
        min(events.occurred_at) as first_occurred_at,
        max(events.occurred_at) as last_occurred_at

    from events
    inner join unmapped_kinds on {{ is_of_kind('events', 'unmapped_kinds') }}
    group by events.channel, events.event_type, unmapped_kinds.page_category, events.outcome

)

select * from final
