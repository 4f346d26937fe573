{#
  Bounds that lie before and after everything, for open-ended stretches of time: joins on plain
  comparisons are hashed by every engine, joins on "is null or ..." are not.
#}
{% macro start_of_time() -%}
    cast('0001-01-01 00:00:00' as {{ dbt.type_timestamp() }})
{%- endmacro %}


{# The time after everything. #}
{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as {{ dbt.type_timestamp() }})
{%- endmacro %}


{# A number above everything, for ranges without an upper end. #}
{% macro end_of_numbers() -%}
    {{ double('1e300') }}
{%- endmacro %}
