{# An 8-byte floating point number on every engine; dbt's own type_float is 4 bytes on some. #}
{% macro double(expression) -%}
    cast({{ expression }} as {{ type_double() }})
{%- endmacro %}

{# A number rounded to the nearest whole number, halves up: 26.5 -> 27, -0.5 -> 0. #}
{% macro round_half_up(expression) -%}
    floor({{ expression }} + 0.5)
{%- endmacro %}


{# A null of type text. #}
{% macro null_text() -%}
    cast(null as {{ dbt.type_string() }})
{%- endmacro %}
