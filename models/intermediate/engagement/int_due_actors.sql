{#
  One row per actor (see `repeat_actor`) whose signals have to be worked out again: one of the events
  in `int_due_events` was or is theirs, or, for all actors, the rules of matching have changed.
#}
{% set stored = adapter.get_relation(this.database, this.schema, 'int_signal_events') %}
{% set state = adapter.get_relation(this.database, this.schema, 'int_matching_state') %}
with

due_events as (

    select * from {{ ref('int_due_events') }}

),

config as (

    select matching_version from {{ ref('int_config_version') }}

),

versions as (

    select
        channel,
        event_id,
        {{ repeat_actor() }} as actor

    from {{ ref('int_identity_versions') }}

),

actor_events as (

    select * from versions
    {% if stored %}

    union all

    select
        channel,
        event_id,
        {{ repeat_actor() }} as actor

    from {{ stored }}
    {% endif %}

),

changed_rules as (

    select config.matching_version
    from config
    {% if state %}
    left join {{ state }} as matched_by on config.matching_version = matched_by.matching_version
    where matched_by.matching_version is null
    {% endif %}

),

due_actors as (

    select actor_events.actor
    from actor_events
    inner join due_events
        on
            actor_events.channel = due_events.channel
            and actor_events.event_id = due_events.event_id

    union

    select actor_events.actor
    from actor_events
    cross join changed_rules

),

final as (

    select * from due_actors
    {% if not stored %}
    where 1 = 0
    {% endif %}

)

select * from final
