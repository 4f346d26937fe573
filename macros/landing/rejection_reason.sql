{#
  Why a raw row is rejected, as an SQL expression over its columns. Null if it is usable. Landing has
  already checked the values; this macro checks the times. A row loaded in the future becomes usable
  when its day comes. A row about a future day waits for it, unless the day is too far ahead.
#}
{% macro rejection_reason(table_name) -%}
    {%- set happened_at = raw_tables() | selectattr('name', 'equalto', table_name)
        | map(attribute='happened_at') | first -%}
    coalesce(
        {{ row_fault(table_name) }},
        case
            when cast(loaded_at as date) > cast('{{ latest_load_day() }}' as date)
                then 'loaded_at is after {{ latest_load_day() }}, more than a day ahead of the clock'
            when {{ happened_at }} > {{ dbt.dateadd('year', var('most_years_ahead') | int, 'loaded_at') }}
                then '{{ happened_at }} is more than {{ var('most_years_ahead') }} years after loaded_at'
        end
    )
{%- endmacro %}


{#
  What is wrong with a raw row itself, whatever the day. Null if nothing is. Landing knows which
  columns a row of the landing contract needs, but not which a vendor's row needs.
#}
{% macro row_fault(table_name) -%}
    coalesce(
        landing_fault
        {%- for column in needed_columns(table_name) %},
        case when {{ column }} is null then '{{ column }} is missing' end
        {%- endfor %}
        {%- for column, scale in scaled_columns(table_name).items() %},
        case
            when {{ column }} not between {{ scale.lowest }} and {{ scale.highest }}
                then '{{ column }} is not from {{ scale.lowest }} to {{ scale.highest }}'
        end
        {%- endfor %}
    )
{%- endmacro %}


{#
  Why another row is used in place of a usable raw row. `unused` and `used` have the key as `record`,
  `loaded_at`, and the row as `raw_row`. If there is no such row, a row was lost, and a test fails.
#}
{% macro superseded_reason(table, unused, used) -%}
    case
        when {{ used }}.record is null then 'lost: no row of the same {{ table.key_name }} counts'
        when {{ used }}.loaded_at = {{ unused }}.loaded_at and {{ used }}.raw_row = {{ unused }}.raw_row
            then 'the same row is in one load more than once'
        when {{ used }}.loaded_at = {{ unused }}.loaded_at
            then 'two rows of one load have the same {{ table.key_name }} and differ; the other counts'
        else 'a newer load of the same {{ table.key_name }} counts'
    end
{%- endmacro %}


{#
  A select of the rows of a CTE of one raw table with their `load_rank`; 1 is the newest load of a
  record. See `by_content` for loads of the same time.
#}
{% macro ranked_loads(rows, table_name) -%}
    select
        *,
        row_number() over (
            partition by {{ raw_tables() | selectattr('name', 'equalto', table_name)
                | map(attribute='key') | first }}
            order by loaded_at desc, {{ by_content(raw_columns(table_name)) }}
        ) as load_rank

    from {{ rows }}
{%- endmacro %}


{#
  For `order by`: of loads of the same time, the one whose values sort last comes first. Rows are
  numbered in any order, so neither that nor the order of files may decide.
#}
{% macro by_content(columns) -%}
    {%- for column in columns %}{{ column }} desc nulls last, {% endfor -%}
    row_id desc
{%- endmacro %}


{# A select of the newest loads only; see `ranked_loads`. #}
{% macro newest_loads(rows, table_name) -%}
    select * from (
        {{ ranked_loads(rows, table_name) }}
    ) as ranked
    where load_rank = 1
{%- endmacro %}
