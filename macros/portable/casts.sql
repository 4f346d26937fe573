{# Any text or number as a finite double. Null: cannot be read as one. #}
{% macro to_number(expression) -%}
    {{ adapter.dispatch('to_number', 'engagement')(expression) }}
{%- endmacro %}

{% macro duckdb__to_number(expression) -%}
    case
        when isfinite(try_cast({{ expression }} as double))
            then try_cast({{ expression }} as double)
    end
{%- endmacro %}


{#
  The named columns of a row as one JSON object in text; `prefix` stands before the name in the SQL,
  not in the JSON.
#}
{% macro row_as_json(columns, prefix='') -%}
    {{ adapter.dispatch('row_as_json', 'engagement')(columns, prefix) }}
{%- endmacro %}

{% macro duckdb__row_as_json(columns, prefix) -%}
    cast(json_object(
        {%- for column in columns -%}
            '{{ column }}', {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ) as varchar)
{%- endmacro %}


{# An 8-byte floating point number on every engine; dbt's own type_float is 4 bytes on some. #}
{% macro double(expression) -%}
    cast({{ expression }} as {{ type_double() }})
{%- endmacro %}

{# The name of that type. #}
{% macro type_double() -%} {{ adapter.dispatch('type_double', 'engagement')() }} {%- endmacro %}

{% macro default__type_double() -%} double precision {%- endmacro %}

{% macro spark__type_double() -%} double {%- endmacro %}


{# A number rounded to the nearest whole number, halves up: 26.5 -> 27, -0.5 -> 0. #}
{% macro round_half_up(expression) -%}
    floor({{ expression }} + 0.5)
{%- endmacro %}


{# A null of type text. #}
{% macro null_text() -%}
    cast(null as {{ dbt.type_string() }})
{%- endmacro %}
