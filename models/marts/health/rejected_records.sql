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
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
