{#
  One row per event of an account in the last var `timeline_days` days, scored or not, and per sales
  activity of any age. Identities and signals are those known on the as-of date. Machine events are
  left out. It is a view, because one of its two readers needs only those days, and the other only
  one channel.
#}
{{ config(materialized='view') }}
with

as_of as (

    select
        as_of_date,
        {{ add_days('as_of_date', '1 - ' ~ var('timeline_days')) }} as first_day

    from {{ ref('int_as_of_date') }}

),

events as (

    select
        events.*,
        as_of.as_of_date

    from {{ ref('int_event_versions') }} as events
    inner join as_of on {{ counts_on('events', 'as_of.as_of_date') }}
    where
        events.account_id is not null
        and not events.is_machine
        and (events.occurred_on >= as_of.first_day or events.channel = 'sales')

),

signal_events as (

    select signal_events.*
    from {{ ref('int_signal_events') }} as signal_events
    inner join as_of
        on signal_events.occurred_on >= as_of.first_day or signal_events.channel = 'sales'

),

final as (

    select
        events.account_id,
        events.person_id,
        events.event_key,
        events.channel,
        events.event_type,
        events.asset,
        events.occurred_at,
        events.occurred_on,
        signal_events.signal,
        coalesce(
            signals.label,
            events.channel || coalesce(' ' || replace(events.event_type, '_', ' '), '')
        ) as label,
        -- a sales activity is outbound unless its signal says otherwise
        coalesce(signals.direction, case when events.channel = 'sales' then 'outbound' end)
            as direction,
        coalesce(
            not signal_events.is_repeat and {{ counts_on('signal_events', 'events.as_of_date') }},
            false
        ) as is_counted

    from events
    left join signal_events
        on
            events.channel = signal_events.channel
            and events.event_key = signal_events.event_key
            and events.account_id = signal_events.account_id
            and coalesce(events.person_id, '') = coalesce(signal_events.person_id, '')
    left join {{ ref('int_signals') }} as signals on signal_events.signal = signals.signal

)

select * from final
