{# One row per raw row that could not be used, with the reason and the row itself. #}
with

final as (

    {% for table in raw_tables() %}
    select
        '{{ table.name }}' as source_table,
        {{ table.key }} as record_key,
        rejection_reason,
        raw_row,
        loaded_at

    from {{ ref(table.model) }}
    where rejection_reason is not null

    union all
    {% endfor %}
    -- lines that are no row have no columns
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
