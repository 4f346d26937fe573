{# A date as "7 May", or "7 May 2025" when its year is not that of `today`. #}
{% macro day_and_month(date, today) -%}
    (
        cast(extract(day from {{ date }}) as {{ dbt.type_string() }})
        || case extract(month from {{ date }})
            {%- for month in (
                'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'
            ) %}
            when {{ loop.index }} then ' {{ month }}'
            {%- endfor %}
        end
        || case
            when extract(year from {{ date }}) = extract(year from {{ today }}) then ''
            else ' ' || cast(extract(year from {{ date }}) as {{ dbt.type_string() }})
        end
    )
{%- endmacro %}
