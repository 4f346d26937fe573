{#
  Every row of one raw table, typed by the landing contract, with the reason why it cannot be used
  (null: it can). The contract in models/staging/_raw__sources.yml says which column is the key,
  which must be filled and which are times. An incremental run reads the records of
  `int_due_records` again and no others. The columns `rejection_reason`, `unreadable_values` (how
  many optional numbers or flags could not be read and are null) and `raw_row` (the row as JSON
  text, only of rejected rows) come on top.
#}
{% macro landed_rows(table_name) %}
{%- set tables = landing_contract() | selectattr('name', 'equalto', table_name) | list -%}
{%- set columns = tables[0].columns.values() | list if tables else [] -%}
{%- set key = columns | selectattr('config.meta.key') | map(attribute='name') | join -%}
with

repeated_keys as (

    select {{ as_landed_type(key, 'text') }} as repeated_key
    from {{ source('raw', table_name) }}
    {%- if is_incremental() %}
    where {{ is_due_record(as_landed_type(key, 'text'), table_name) }}
    {%- endif %}
    group by {{ as_landed_type(key, 'text') }}
    having count(*) > 1

),

-- apart from each other, so that the many rows with a key of their own are read in one pass
single_rows as (

    {{ checked_rows(table_name, columns, 'repeated_keys.repeated_key is null') }}

),

repeated_rows as (

    {{ checked_rows(table_name, columns, 'repeated_keys.repeated_key is not null') }}

),

ranked_rows as (

    select
        *,
        -- same load time: the content that sorts last, so that file order never matters
        row_number() over (
            partition by {{ key }}, case when fault is null then 0 else 1 end
            order by
                loaded_at desc
                {%- for column in columns %},
                cast(raw_{{ column.name }} as {{ dbt.type_string() }}) desc nulls last
                {%- endfor %}
        ) as load_rank

    from repeated_rows

),

judged as (

    select
        *,
        fault as rejection_reason

    from single_rows

    union all

    select
        {%- for column in columns %}
        raw_{{ column.name }},
        {{ column.name }},
        {%- endfor %}
        unreadable_values,
        fault,
        case
            when fault is not null then fault
            when load_rank > 1 then 'a newer load of the same {{ key }} counts'
        end as rejection_reason

    from ranked_rows

),

final as (

    select
        {%- for column in columns %}
        {{ column.name }},
        {%- endfor %}
        unreadable_values,
        rejection_reason,
        case
            when rejection_reason is not null
                then {{ row_as_json(columns | map(attribute='name') | list, 'raw_') }}
        end as raw_row

    from judged

)

select * from final
{% endmacro %}


{#
  The rows of one raw table of which `condition` on `repeated_keys` is true, typed, each column also
  as it came (`raw_<column>`), with `unreadable_values` and what is wrong with the row itself
  (`fault`; null: nothing).
#}
{% macro checked_rows(table_name, columns, condition) -%}
    {%- set key = columns | selectattr('config.meta.key') | map(attribute='name') | join -%}
    {%- set times = columns
        | selectattr('data_type', 'equalto', 'timestamp') | map(attribute='name') | list -%}
    {%- set happened_at = 'occurred_at' if 'occurred_at' in times else 'created_at' -%}
    select
        *,
        {%- for column in columns if column.data_type in ('integer', 'number', 'boolean') %}
        case
            when {{ column.name }} is null and {{ is_filled('raw_' ~ column.name) }} then 1
            else 0
        end +
        {%- endfor %}
        0 as unreadable_values,
        case
            {%- for column in columns if column.config.meta.required %}
            when {{ column.name }} is null and not {{ is_filled('raw_' ~ column.name) }}
                then '{{ column.name }} is missing'
            {%- endfor %}
            {%- for column in times %}
            when {{ column }} is null and {{ is_filled('raw_' ~ column) }}
                then '{{ column }} cannot be read as a time'
            {%- endfor %}
            when cast(loaded_at as date) > cast('{{ latest_load_day() }}' as date)
                then
                    'loaded_at is after {{ latest_load_day() }}: more than a day ahead of the clock'
            when {{ happened_at }} > {{ dbt.dateadd('day', 1, 'loaded_at') }}
                then '{{ happened_at }} is more than a day after loaded_at'
        end as fault

    from (
        select
            {%- for column in columns %}
            {{ column.name }} as raw_{{ column.name }},
            {{ as_landed_type(column.name, column.data_type) }}
                as {{ column.name }}{{ ',' if not loop.last }}
            {%- endfor %}

        from {{ source('raw', table_name) }}
        left join repeated_keys
            on {{ as_landed_type(key, 'text') }} = repeated_keys.repeated_key
        where
            {{ condition }}
            {%- if is_incremental() %}
            and {{ is_due_record(as_landed_type(key, 'text'), table_name) }}
            {%- endif %}
    ) as typed_rows
{%- endmacro %}


{#
  One raw column cast to its contract type (text, timestamp, integer, number, boolean); null where
  it cannot be read.
#}
{% macro as_landed_type(column, data_type) -%}
    {%- if data_type == 'timestamp' -%} {{ to_utc(column) }}
    {%- elif data_type == 'number' -%} {{ to_number(column) }}
    {%- elif data_type == 'integer' -%} {{ to_integer(column) }}
    {%- elif data_type == 'boolean' -%} {{ to_boolean(column) }}
    {%- else -%} nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '')
    {%- endif -%}
{%- endmacro %}


{# True where a raw value is neither null nor blank. #}
{% macro is_filled(column) -%}
    (nullif(trim(cast({{ column }} as {{ dbt.type_string() }})), '') is not null)
{%- endmacro %}
