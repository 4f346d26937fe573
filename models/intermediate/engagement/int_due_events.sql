{#
  One row per event that has to be identified and matched again: it has landed since, its load day
  may not have been whole, or what it is identified by leads somewhere else. A queue:
  `int_signal_events`, the last to work from it, empties it, so that a build that ends half-way
  forgets nothing. No row when everything is built for the first time.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
    )
}}
{% set stored = adapter.get_relation(this.database, this.schema, 'int_engagement_events') %}
{% set answers_then = adapter.get_relation(this.database, this.schema, 'int_identity_state') %}
{% set things = {
    'account': 'account_id', 'contact': 'contact_id', 'email': 'email', 'visitor': 'visitor_id',
    'domain': 'company_domain', 'user_agent': 'user_agent',
} %}
with

events as (

    select
        channel,
        event_id,
        source_table,
        loaded_at,
        {{ things.values() | join(',\n        ') }}

    from {{ ref('int_events_unioned') }}

),

stored_events as (

    {% if stored %}
    select
        channel,
        event_id,
        source_table,
        loaded_at

    from {{ stored }}
    {% else %}
    select
        channel,
        event_id,
        source_table,
        loaded_at

    from events
    where 1 = 0
    {% endif %}

),

answers as (

    select
        thing,
        thing_id,
        answer

    from {{ ref('int_identity_answers') }}
    {% if answers_then %}

    union all

    select
        thing,
        thing_id,
        answer

    from {{ answers_then }}
    {% endif %}

),

changed_things as (

    -- new, gone, or with another answer
    select
        thing,
        thing_id

    from answers
    group by thing, thing_id
    having count(*) = 1 or min(answer) <> max(answer)

),

landed_days as (

    select
        source_table,
        {{ load_day('loaded_at') }} as loaded_on,
        count(*) as row_count

    from events
    group by source_table, {{ load_day('loaded_at') }}

),

stored_days as (

    select
        source_table,
        {{ load_day('loaded_at') }} as loaded_on,
        count(*) as row_count,
        count(*) as usable_rows

    from stored_events
    group by source_table, {{ load_day('loaded_at') }}

),

due_days as (

    {{ due_load_days('landed_days', 'stored_days') }}

),

due_events as (

    select
        events.channel,
        events.event_id

    from events
    inner join due_days
        on
            events.source_table = due_days.source_table
            and {{ load_day('events.loaded_at') }} = due_days.loaded_on

    union

    select
        stored_events.channel,
        stored_events.event_id

    from stored_events
    inner join due_days
        on
            stored_events.source_table = due_days.source_table
            and {{ load_day('stored_events.loaded_at') }} = due_days.loaded_on
    {% for thing, column in things.items() %}

    union

    select
        events.channel,
        events.event_id

    from events
    inner join changed_things
        on events.{{ column }} = changed_things.thing_id and changed_things.thing = '{{ thing }}'
    {% endfor %}

),

final as (

    select * from due_events
    {% if not stored %}
    where 1 = 0
    {% elif is_incremental() %}
    except
    select * from {{ this }}
    {% endif %}

)

select * from final
