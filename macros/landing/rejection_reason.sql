{#
  Why a raw row cannot be used, as an SQL expression over its columns; null: it can. Landing has judged
  the values, and the times are judged here: a row that was loaded in the future becomes usable when its
  day comes, and one about a day to come waits for it, unless the day is absurd.
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
  What is wrong with a raw row by itself, whatever the day; null: nothing. Landing knows which columns of
  the landing contract a row needs, but not which of a vendor's.
#}
{% macro row_fault(table_name) -%}
    coalesce(
        landing_fault
        {%- for column in needed_columns(table_name) %},
        case when {{ column }} is null then '{{ column }} is missing' end
        {%- endfor %}
    )
{%- endmacro %}


{#
  Why a usable row of a raw table is not the one that counts of its record: `unused` and `used` have
  `loaded_at` and the row as `raw_row`.
#}
{% macro superseded_reason(table, unused, used) -%}
    case
        when {{ used }}.loaded_at = {{ unused }}.loaded_at and {{ used }}.raw_row = {{ unused }}.raw_row
            then 'the same row is in one load more than once'
        when {{ used }}.loaded_at = {{ unused }}.loaded_at
            then 'two rows of one load have the same {{ table.key_name }} and differ; the other counts'
        else 'a newer load of the same {{ table.key_name }} counts'
    end
{%- endmacro %}


{#
  A select of the rows of a CTE of one raw table with their `load_rank`: 1 is the newest load of a
  record. Of loads at the same time the one whose values sort last counts, so that the order of files
  never matters.
#}
{% macro ranked_loads(rows, table_name) -%}
    select
        *,
        row_number() over (
            partition by {{ raw_tables() | selectattr('name', 'equalto', table_name)
                | map(attribute='key') | first }}
            order by
                loaded_at desc,
                {%- for column in raw_columns(table_name) %}
                {{ column }} desc nulls last,
                {%- endfor %}
                row_id desc
        ) as load_rank

    from {{ rows }}
{%- endmacro %}


{# The same, the newest loads only. #}
{% macro newest_loads(rows, table_name) -%}
    select * from (
        {{ ranked_loads(rows, table_name) }}
    ) as ranked
    where load_rank = 1
{%- endmacro %}
