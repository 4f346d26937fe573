{#
  One row per event of any channel: its newest load, before any lookup. A run compares the current
  rows with the stored ones by `row_id`, and processes the events that gained or lost a load. An
  event without any load left stays as an empty row, marked as removed.
#}
{{
    config(
        materialized=with_replaceable_rows(),
        incremental_strategy='delete+insert',
        unique_key=['channel', 'event_key'],
        on_schema_change='fail',
    )
}}
{% set contents = [
    'event_type', 'account_id', 'contact_id', 'visitor_id', 'email', 'company_domain', 'campaign',
    'asset', 'outcome', 'user_agent', 'value', 'occurred_at',
] %}
with

{% if is_incremental() %}
stored as (

    select * from {{ this }}
    where not is_removed

),

gained as (

    -- a load that is older than the stored one changes nothing
    select
        event_rows.source_table,
        event_rows.event_key

    from {{ ref('int_event_rows') }} as event_rows
    left join stored as same
        on event_rows.source_table = same.source_table and event_rows.row_id = same.row_id
    left join stored as known
        on event_rows.source_table = known.source_table and event_rows.event_key = known.event_key
    where
        same.row_id is null
        and (known.event_key is null or event_rows.loaded_at >= known.loaded_at)

),

lost as (

    select
        stored.source_table,
        stored.event_key

    from stored
    left join {{ ref('int_event_rows') }} as event_rows
        on stored.source_table = event_rows.source_table and stored.row_id = event_rows.row_id
    where event_rows.row_id is null

),

changed_events as (

    select * from gained
    union distinct
    select * from lost

),

changed_rows as (

    select event_rows.* from {{ ref('int_event_rows') }} as event_rows
    inner join changed_events
        on
            event_rows.source_table = changed_events.source_table
            and event_rows.event_key = changed_events.event_key

),

{% endif %}
loads as (

    select
        *,
        false as is_removed

    from {{ 'changed_rows' if is_incremental() else ref('int_event_rows') }}
    {% if is_incremental() %}

    union all

    select
        stored.channel,
        stored.source_table,
        stored.event_id,
        stored.event_key,
        {% for column in contents + ['loaded_at'] %}
        case when false then stored.{{ column }} end as {{ column }},
        {% endfor %}
        stored.row_id,
        true as is_removed

    from stored
    inner join lost
        on stored.source_table = lost.source_table and stored.event_key = lost.event_key
    {% endif %}

),

newest_loads as (

    select
        *,
        row_number() over (
            partition by source_table, event_key
            order by loaded_at desc nulls last, {{ by_content(contents) }}
        ) as load_rank

    from loads

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
        {{ key_text(['channel', 'event_type', 'outcome']) }} as word_key,
        row_id,
        is_removed

    from newest_loads
    where load_rank = 1

)

select * from final
