{#
  One row per event version that is a signal of some account. `is_repeat` is decided per version: a
  version that only becomes a repeat when an earlier visit is identified counts until that day.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_due_actors() }}",
        post_hook="{{ finish_due_events() }}",
    )
}}
-- depends_on: {{ ref('int_due_actors') }}, {{ ref('int_due_events') }}
with

all_versions as (

    select
        *,
        {{ repeat_actor() }} as actor

    from {{ ref('int_identity_versions') }}
    where account_id is not null and not is_machine

),

versions as (

    select * from all_versions
    {% if is_incremental() %}
    where actor in (select actor from {{ ref('int_due_actors') }})
    {% endif %}

),

matches as (

    select
        match_key,
        signal

    from {{ ref('int_signal_matches') }}
    where signal is not null

),

signals as (

    select * from {{ ref('int_signals') }}

),

signal_versions as (

    select
        versions.event_id,
        versions.channel,
        versions.account_id,
        versions.person_id,
        versions.visitor_id,
        matches.signal,
        versions.asset,
        signals.repeat_minutes,
        versions.occurred_at,
        versions.occurred_on,
        versions.counts_from,
        versions.counts_until,
        versions.actor,
        versions.counts_from > versions.occurred_on as is_known_late

    from versions
    inner join matches on versions.match_key = matches.match_key
    inner join signals on matches.signal = signals.signal

),

with_predecessors as (

    select
        *,
        max(case when not is_known_late then occurred_at end) over (
            partition by actor, signal, asset
            order by occurred_at, channel, event_id
            rows between unbounded preceding and 1 preceding
        ) as previous_occurred_at

    from signal_versions

),

late_predecessors as (

    -- an earlier visit that became known later makes a repeat of what followed it, from that day on
    select
        later.channel,
        later.event_id,
        later.actor,
        min(earlier.counts_from) as repeat_from

    from signal_versions as earlier
    inner join signal_versions as later
        on
            earlier.actor = later.actor
            and earlier.signal = later.signal
            and coalesce(earlier.asset, '') = coalesce(later.asset, '')
            and (
                earlier.occurred_at < later.occurred_at
                or (earlier.occurred_at = later.occurred_at and earlier.channel < later.channel)
                or (
                    earlier.occurred_at = later.occurred_at
                    and earlier.channel = later.channel
                    and earlier.event_id < later.event_id
                )
            )
            and later.occurred_at
            < {{ add_minutes('earlier.occurred_at', 'earlier.repeat_minutes') }}
    where earlier.is_known_late
    group by later.channel, later.event_id, later.actor

),

judged as (

    select
        with_predecessors.*,
        coalesce(
            with_predecessors.occurred_at
            < {{ add_minutes(
                'with_predecessors.previous_occurred_at', 'with_predecessors.repeat_minutes'
            ) }},
            false
        ) as is_prompt_repeat,
        late_predecessors.repeat_from

    from with_predecessors
    left join late_predecessors
        on
            with_predecessors.channel = late_predecessors.channel
            and with_predecessors.event_id = late_predecessors.event_id
            and with_predecessors.actor = late_predecessors.actor

),

final as (

    select
        event_id,
        channel,
        account_id,
        person_id,
        visitor_id,
        signal,
        asset,
        is_prompt_repeat or coalesce(repeat_from <= counts_from, false) as is_repeat,
        occurred_at,
        occurred_on,
        counts_from,
        -- null: counts for good
        case
            when repeat_from > counts_from and not is_prompt_repeat and counts_until is null
                then repeat_from
            else counts_until
        end as counts_until

    from judged

)

select * from final
