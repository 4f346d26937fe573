{#
  A time before all others, for ranges without a start. Engines can hash joins on plain comparisons,
  but not joins on "is null or ...".
#}
{% macro start_of_time() -%}
    cast('0001-01-01 00:00:00' as {{ dbt.type_timestamp() }})
{%- endmacro %}


{# A time after all others, for ranges without an end. #}
{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as {{ dbt.type_timestamp() }})
{%- endmacro %}


{# A number above all others, for ranges without an upper end. #}
{% macro end_of_numbers() -%}
    {{ double('1e300') }}
{%- endmacro %}
