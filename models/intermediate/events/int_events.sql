{#
  One row per event of any channel: its newest load, nothing looked up yet.

  A run works on the events with rows that came or went since the run before, which the counter
  `row_id` tells; where an event loses a load, landing gives its other loads a new number. An event
  without any load left stays as an empty row, marked as removed.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['channel', 'event_key'],
        on_schema_change='fail',
    )
}}
{% set contents = [
    'event_type', 'account_id', 'contact_id', 'visitor_id', 'email', 'company_domain', 'campaign',
    'asset', 'outcome', 'user_agent', 'value', 'occurred_at',
] %}
{% set last_row_id = '(select coalesce(max(row_id), 0) from ' ~ this ~ ')' %}
with

new_rows as (

    select * from {{ ref('int_event_rows') }}
    {% if is_incremental() %}
    where
        row_id >= (
            select coalesce(min(row_id), {{ last_row_id }} + 1)

            from {{ ref('int_event_rows') }}
            where
                row_id > {{ last_row_id }}
                -- rows from the future, whose day has come
                or loaded_at > (select max(loaded_at) from {{ this }})
        )
    {% endif %}

),

new_events as (  -- noqa: ST03

    select distinct
        source_table,
        event_key

    from new_rows

),

reduced_events as (  -- noqa: ST03

    select
        source_table,
        record_key as event_id,
        max(row_id) as row_id

    from {{ source('landing', 'removed_keys') }}
    {{ 'where row_id > ' ~ last_row_id if is_incremental() }}
    group by source_table, record_key

),

loads as (

    select
        *,
        false as is_removed

    from new_rows
    {% if is_incremental() %}

    union all

    -- the stored load of an event with a new row
    select
        known.channel,
        known.source_table,
        known.event_id,
        known.event_key,
        {% for column in contents %}
        known.{{ column }},
        {% endfor %}
        known.loaded_at,
        known.row_id,
        known.is_removed

    from {{ this }} as known
    inner join new_events
        on
            known.source_table = new_events.source_table
            and known.event_key = new_events.event_key
    left join reduced_events as reduced
        on known.source_table = reduced.source_table and known.event_id = reduced.event_id
    where reduced.event_id is null

    union all

    -- an empty row for an event that lost a load: it counts if there is no other load
    select
        known.channel,
        known.source_table,
        known.event_id,
        known.event_key,
        {% for column in contents + ['loaded_at'] %}
        case when false then known.{{ column }} end as {{ column }},
        {% endfor %}
        reduced.row_id,
        true as is_removed

    from {{ this }} as known
    inner join reduced_events as reduced
        on known.source_table = reduced.source_table and known.event_id = reduced.event_id
    {% endif %}

),

repeated_events as (

    select
        source_table,
        event_key

    from loads
    group by source_table, event_key
    having count(*) > 1

),

newest_loads as (

    -- nearly all events have one load, which needs no comparison
    select
        loads.*,
        1 as load_rank

    from loads
    left join repeated_events as repeated
        on loads.source_table = repeated.source_table and loads.event_key = repeated.event_key
    where repeated.event_key is null

    union all

    -- of loads at the same time, the content that sorts last: the order of files never matters
    select
        loads.*,
        row_number() over (
            partition by loads.source_table, loads.event_key
            order by
                loads.loaded_at desc nulls last,
                {% for column in contents %}
                loads.{{ column }} desc nulls last,
                {% endfor %}
                loads.row_id desc
        ) as load_rank

    from loads
    inner join repeated_events as repeated
        on loads.source_table = repeated.source_table and loads.event_key = repeated.event_key

),

final as (

    select
        channel,
        source_table,
        event_id,
        event_key,
        {% for column in contents %}
        {{ column }},
        {% endfor %}
        loaded_at,
        {{ key_text(['channel', 'event_type', 'asset', 'outcome']) }} as event_kind,
        row_id,
        is_removed

    from newest_loads
    where load_rank = 1

)

select * from final
