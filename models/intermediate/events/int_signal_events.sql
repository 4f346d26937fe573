{#
  One row per version of an event that is a signal of an account. `is_repeat` is decided per
  version. A version that becomes a repeat only because the visitor of an earlier visit is
  identified counts until that day.
#}
with

signal_events as (

    select
        events.event_id,
        events.event_key,
        events.channel,
        events.account_id,
        events.person_id,
        kinds.signal,
        events.asset,
        events.occurred_at,
        events.occurred_on,
        events.counts_from,
        events.counts_until,
        events.counts_from > events.occurred_on as is_known_late,
        signals.is_engagement,
        -- without repeat_minutes, only events at the same moment are repeats: they were delivered
        -- twice
        coalesce(
            {{ add_minutes('events.occurred_at', 'signals.repeat_minutes') }},
            events.occurred_at + interval '1 microsecond'
        ) as repeats_until,
        -- repeats are counted per person, or else per visitor at the account, or else per account
        case
            when events.person_id is not null then 'person|' || events.person_id
            else {{ key_text(['events.account_id', 'events.visitor_id']) }}
        end as actor

    from {{ ref('int_event_versions') }} as events
    inner join {{ ref('int_event_kinds') }} as kinds on {{ is_of_kind('events', 'kinds') }}
    inner join {{ ref('int_signals') }} as signals on kinds.signal = signals.signal
    where events.account_id is not null and not events.is_machine

),

late_predecessors as (

    -- an earlier visit that is identified later makes this one a repeat from that day on
    select
        later.channel,
        later.event_key,
        later.actor,
        min(earlier.counts_from) as repeat_from

    from signal_events as earlier
    inner join signal_events as later
        on
            earlier.actor = later.actor
            and earlier.signal = later.signal
            and coalesce(earlier.asset, '') = coalesce(later.asset, '')
            and (earlier.occurred_at, earlier.channel, earlier.event_key)
            < (later.occurred_at, later.channel, later.event_key)
            and earlier.repeats_until > later.occurred_at
    where earlier.is_known_late
    group by later.channel, later.event_key, later.actor

),

judged as (

    -- an event is also a repeat if the previous one didn't count itself
    select
        signal_events.*,
        late_predecessors.repeat_from,
        coalesce(
            signal_events.occurred_at
            < max(case when not signal_events.is_known_late then signal_events.repeats_until end)
                over (
                    partition by signal_events.actor, signal_events.signal, signal_events.asset
                    order by
                        signal_events.occurred_at, signal_events.channel, signal_events.event_key
                    rows between unbounded preceding and 1 preceding
                ),
            false
        )
        or coalesce(late_predecessors.repeat_from <= signal_events.counts_from, false) as is_repeat

    from signal_events
    left join late_predecessors
        on
            signal_events.channel = late_predecessors.channel
            and signal_events.event_key = late_predecessors.event_key
            and signal_events.actor = late_predecessors.actor

),

anonymous_events as (

    select * from judged
    where counts_until is not null and not is_repeat

),

final as (

    select
        judged.event_id,
        judged.event_key,
        judged.channel,
        judged.account_id,
        judged.person_id,
        judged.signal,
        judged.is_repeat,
        judged.occurred_at,
        judged.occurred_on,
        judged.counts_from,
        -- null: it never stops counting
        coalesce(
            judged.counts_until, case when not judged.is_repeat then judged.repeat_from end
        ) as counts_until,
        -- an identification adds nothing new to an account that already had the event
        coalesce(anonymous_events.counts_from, judged.counts_from) as first_known_on

    from judged
    left join anonymous_events
        on
            case when judged.is_known_late then judged.event_key end = anonymous_events.event_key
            and judged.channel = anonymous_events.channel
            and judged.account_id = anonymous_events.account_id
            and judged.is_engagement = anonymous_events.is_engagement

)

select * from final
