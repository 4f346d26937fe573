{# One row per raw row or line that is not used, with the reason and the row itself. #}
with

final as (

    {% for table in raw_tables() %}
    {% set raw_row = row_as_json(raw_columns(table.name)) %}
    {% set is_used %}
        raw_rows.row_id = used_rows.row_id
        {{ "and used_rows.source_table = '" ~ table.name ~ "'" if table.is_event }}
    {% endset %}
    {% set unused_rows %}
        select
            {{ table.key }} as record_key,
            {{ table.record }} as record,
            {{ rejection_reason(table.happened_at) }} as rejection_reason,
            coalesce(landing_row, {{ raw_row }}) as raw_row,
            loaded_at

        from (
            select raw_rows.*

            from {{ source('raw', table.name) }} as raw_rows
            left join {{ ref(table.used) }} as used_rows on {{ is_used }}
            where used_rows.row_id is null
        ) as unused
    {% endset %}
    select
        '{{ table.name }}' as source_table,
        unused_rows.record_key,
        coalesce(
            unused_rows.rejection_reason,
            {{ superseded_reason(table, 'unused_rows', 'used_rows') }}
        ) as rejection_reason,
        unused_rows.raw_row,
        unused_rows.loaded_at

    from (
        {{ unused_rows }}
    ) as unused_rows
    left join (
        -- the rows that count in the place of others
        select
            {{ table.record }} as record,
            {{ raw_row }} as raw_row,
            loaded_at

        from (
            select raw_rows.*

            from {{ source('raw', table.name) }} as raw_rows
            inner join {{ ref(table.used) }} as used_rows on {{ is_used }}
        ) as used
        where {{ table.key }} in (select record_key from ({{ unused_rows }}) as unused)
    ) as used_rows on unused_rows.record = used_rows.record

    union all

    {% endfor %}
    -- lines that could not be parsed have no columns
    select
        source_table,
        {{ null_text() }} as record_key,
        'line ' || cast(line_number as {{ dbt.type_string() }}) || ' of ' || file_name
        || ' cannot be read: ' || fault as rejection_reason,
        {{ row_as_json(['line_text']) }} as raw_row,
        cast(null as {{ dbt.type_timestamp() }}) as loaded_at

    from {{ source('landing', 'unreadable_lines') }}

)

select * from final
