{#
  One row per event of any channel: its newest load, nothing looked up yet.

  A run works on the events with rows that came or went since the run before, which the counter
  `row_id` tells. An event without any usable row left stays as an empty row, marked as removed.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key=['channel', 'event_id'],
        on_schema_change='fail',
    )
}}
with

event_rows as (

    select * from {{ ref('int_event_rows') }}

),

changed_rows as (

    select
        source_table,
        event_id,
        row_id

    from event_rows
    {% if is_incremental() %}
    where
        row_id > (select max(row_id) from {{ this }})
        -- rows from the future, whose day has come
        or loaded_at > (select max(loaded_at) from {{ this }})

    union all

    select
        source_table,
        record_key as event_id,
        row_id

    from {{ source('landing', 'removed_keys') }}
    where row_id > (select max(row_id) from {{ this }})
    {% endif %}

),

compared_events as (

    select
        source_table,
        event_id,
        max(row_id) as row_id

    from changed_rows
    group by source_table, event_id
    -- in a first run, nearly all events have one row, which needs no comparison
    {{ 'having count(*) > 1' if not is_incremental() }}

),

ranked_rows as (

    -- of loads at the same time, the content that sorts last: the order of files never matters
    select
        event_rows.*,
        row_number() over (
            partition by event_rows.source_table, event_rows.event_id
            order by
                event_rows.loaded_at desc,
                {% for column, data_type in event_contents() %}
                event_rows.{{ column }} desc nulls last,
                {% endfor %}
                event_rows.row_id desc
        ) as load_rank

    from event_rows
    inner join compared_events
        on
            event_rows.source_table = compared_events.source_table
            and event_rows.event_id = compared_events.event_id

),

events as (

    select
        *,
        false as is_removed

    from ranked_rows
    where load_rank = 1

    union all

    {% if is_incremental() %}
    select
        stored.channel,
        stored.source_table,
        stored.event_id,
        {% for column, data_type in event_contents() %}
        cast(null as {{ data_type }}) as {{ column }},
        {% endfor %}
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at,
        compared_events.row_id,
        1 as load_rank,
        true as is_removed

    from {{ this }} as stored
    inner join compared_events
        on
            stored.source_table = compared_events.source_table
            and stored.event_id = compared_events.event_id
    left join ranked_rows
        on
            stored.source_table = ranked_rows.source_table
            and stored.event_id = ranked_rows.event_id
    where ranked_rows.event_id is null
    {% else %}
    select
        event_rows.*,
        1 as load_rank,
        false as is_removed

    from event_rows
    left join compared_events
        on
            event_rows.source_table = compared_events.source_table
            and event_rows.event_id = compared_events.event_id
    where compared_events.event_id is null
    {% endif %}

),

final as (

    select
        channel,
        source_table,
        event_id,
        event_type,
        account_id,
        contact_id,
        visitor_id,
        email,
        company_domain,
        campaign,
        asset,
        outcome,
        user_agent,
        value,
        occurred_at,
        loaded_at,
        {{ key_text(['channel', 'event_type', 'asset', 'outcome']) }} as event_kind,
        row_id,
        is_removed

    from events

)

select * from final
