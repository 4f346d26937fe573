{# One row per raw row or line that is not used, with the reason and the row itself. #}
with

final as (

    {% for table in raw_tables() %}
    select
        '{{ table.name }}' as source_table,
        {{ table.key }} as record_key,
        coalesce({{ rejection_reason(table.happened_at) }}, {{ superseded_reason(table) }})
            as rejection_reason,
        coalesce(landing_row, {{ row_as_json(raw_columns(table.name)) }}) as raw_row,
        loaded_at

    from (
        select raw_rows.*

        from {{ source('raw', table.name) }} as raw_rows
        left join {{ ref(table.used) }} as used_rows
            on
                raw_rows.row_id = used_rows.row_id
                {{ "and used_rows.source_table = '" ~ table.name ~ "'" if table.is_event }}
        where used_rows.row_id is null
    ) as unused_rows

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
