{#
  One row per account, person, signal, day, validity and reset: the number of events that count. It
  contains no weights and doesn't depend on the date of the run, so any day can be scored from it
  with any weights. A null person_id means an unidentified visitor. A day with a reset has one row
  for events before the reset and one for events after it.
#}
with

events as (

    select * from {{ ref('int_signal_events') }}
    where not is_repeat

),

resets as (

    -- each reset takes away what happened since the previous one, unless a later one does earlier
    select
        account_id,
        person_id,
        reset_at,
        min(reset_on) over (
            partition by account_id, person_id
            order by reset_at
            rows between current row and unbounded following
        ) as reset_on,
        lag(reset_at, 1, {{ start_of_time() }}) over (
            partition by account_id, person_id
            order by reset_at
        ) as previous_reset_at

    from {{ ref('int_resets') }}

),

final as (

    select
        events.account_id,
        events.person_id,
        events.signal,
        events.occurred_on,
        events.counts_from,
        events.counts_until,
        events.first_known_on,
        cast(count(*) as integer) as event_count,
        max(events.occurred_at) as last_occurred_at,
        -- the earlier of the two; least() ignores nulls
        least(account_resets.reset_on, person_resets.reset_on) as reset_on

    from events
    left join resets as account_resets
        on
            events.account_id = account_resets.account_id
            and events.occurred_at > account_resets.previous_reset_at
            and events.occurred_at <= account_resets.reset_at
    left join resets as person_resets
        on
            events.person_id = person_resets.person_id
            and events.occurred_at > person_resets.previous_reset_at
            and events.occurred_at <= person_resets.reset_at
    group by
        events.account_id, events.person_id, events.signal, events.occurred_on, events.counts_from,
        events.counts_until, events.first_known_on,
        least(account_resets.reset_on, person_resets.reset_on)

)

select * from final
