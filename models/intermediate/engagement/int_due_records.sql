{#
  One row per raw event table and record that this run reads again: all records of the load days that
  the build before may not have read whole. No row for a table that is built for the first time.
#}
-- depends_on: {{ ref('int_seed_check') }}
{% set tables = stored_event_tables() %}
with

landed_days as (

    {% for table in tables %}
    select
        '{{ table.name }}' as source_table,
        {{ load_day(to_utc('loaded_at')) }} as loaded_on,
        count(*) as row_count

    from {{ source('raw', table.name) }}
    group by {{ load_day(to_utc('loaded_at')) }}
    union all
    {% endfor %}
    select
        {{ null_text() }} as source_table,
        cast(null as date) as loaded_on,
        0 as row_count

),

stored_days as (

    {% for table in tables %}
    select
        '{{ table.name }}' as source_table,
        {{ load_day('loaded_at') }} as loaded_on,
        count(*) as row_count,
        sum(case when rejection_reason is null then 1 else 0 end) as usable_rows

    from {{ table.stored }}
    group by {{ load_day('loaded_at') }}
    union all
    {% endfor %}
    select
        {{ null_text() }} as source_table,
        cast(null as date) as loaded_on,
        0 as row_count,
        0 as usable_rows

),

due_days as (

    {{ due_load_days('landed_days', 'stored_days') }}

),

records as (

    {% for table in tables %}
    select
        '{{ table.name }}' as source_table,
        cast({{ table.key }} as {{ dbt.type_string() }}) as record_key,
        {{ load_day(to_utc('loaded_at')) }} as loaded_on

    from {{ source('raw', table.name) }}

    union all

    select
        '{{ table.name }}' as source_table,
        {{ table.key }} as record_key,
        {{ load_day('loaded_at') }} as loaded_on

    from {{ table.stored }}
    union all
    {% endfor %}
    select
        {{ null_text() }} as source_table,
        {{ null_text() }} as record_key,
        cast(null as date) as loaded_on

),

due_records as (

    select distinct
        records.source_table,
        {{ as_landed_type('records.record_key', 'text') }} as record_key

    from records
    inner join due_days
        on
            records.source_table = due_days.source_table
            and records.loaded_on = due_days.loaded_on

),

final as (

    select * from due_records
    where record_key is not null

)

select * from final
