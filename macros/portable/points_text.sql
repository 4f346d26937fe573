{#
  Points as text with one decimal, or none if it is 0. They are rounded as doubles, because DuckDB
  needs 2 microseconds to round one exact decimal.
#}
{% macro points_text(points) -%}
    replace(
        cast(cast({{ double(points) }} as decimal(18, 1)) as {{ dbt.type_string() }}), '.0', ''
    )
{%- endmacro %}


{# Points as text with a sign; see `points_text`. #}
{% macro signed_points(points) -%}
    case when {{ points }} >= 0 then '+' else '' end || {{ points_text(points) }}
{%- endmacro %}
