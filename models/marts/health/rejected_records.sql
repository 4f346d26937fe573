{#
  One row per raw row or line that isn't used, with the reason and its content. A row is used if a
  model has its `row_id`; no model has one twice.
#}
with

{% for table in raw_tables() %}
{% set rows = contract_rows(table.name) %}
{% set raw_row = row_as_json(raw_columns(table.name)) %}
used_ids_{{ table.name }} as (

    select row_id from {{ ref(table.used) }}
    {{ "where source_table = '" ~ table.name ~ "'" if table.is_event }}

),

unused_{{ table.name }} as (

    select
        {{ table.key }} as record_key,
        {{ table.record }} as record,
        {{ rejection_reason(table.name) }} as rejection_reason,
        coalesce(landing_row, {{ raw_row }}) as raw_row,
        loaded_at

    from (
        select contract_rows.* from {{ rows }}
        left join used_ids_{{ table.name }} as used on contract_rows.row_id = used.row_id
        where used.row_id is null
    ) as unused_rows

),

used_{{ table.name }} as (

    -- the rows that are used in place of others
    select
        {{ table.record }} as record,
        {{ raw_row }} as raw_row,
        loaded_at

    from (
        select contract_rows.* from {{ rows }}
        inner join used_ids_{{ table.name }} as used on contract_rows.row_id = used.row_id
    ) as used_rows
    where {{ table.key }} in (select record_key from unused_{{ table.name }})

),

{% endfor %}
final as (

    {% for table in raw_tables() %}
    select
        '{{ table.name }}' as source_table,
        unused_rows.record_key,
        coalesce(
            unused_rows.rejection_reason,
            {{ superseded_reason(table, 'unused_rows', 'used_rows') }}
        ) as rejection_reason,
        unused_rows.raw_row,
        unused_rows.loaded_at

    from unused_{{ table.name }} as unused_rows
    left join used_{{ table.name }} as used_rows on unused_rows.record = used_rows.record

    union all

    {% endfor %}
    -- lines that couldn't be parsed have no columns
    select
        source_table,
        {{ null_text() }} as record_key,
        'line ' || cast(line_number as {{ dbt.type_string() }}) || ' of ' || file_name
        || ' cannot be read: ' || fault as rejection_reason,
        {{ row_as_json(['line_text']) }} as raw_row,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at

    from {{ unreadable_lines() }}

)

select * from final
