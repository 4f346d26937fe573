{#
  Points as text with one decimal, which is left out where it is 0. Rounded as a double: DuckDB takes
  2 microseconds to round one exact decimal.
#}
{% macro points_text(points) -%}
    replace(
        cast(cast({{ double(points) }} as decimal(18, 1)) as {{ dbt.type_string() }}), '.0', ''
    )
{%- endmacro %}


{# The same with a sign before it. #}
{% macro signed_points(points) -%}
    case when {{ points }} >= 0 then '+' else '' end || {{ points_text(points) }}
{%- endmacro %}
