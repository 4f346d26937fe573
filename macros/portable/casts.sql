{#
  Any text or time as a UTC timestamp without a zone; a time without a zone is taken as UTC. Null:
  cannot be read.
#}
{% macro to_utc(expression) -%}
    {{ adapter.dispatch('to_utc', 'engagement')(expression) }}
{%- endmacro %}

{% macro duckdb__to_utc(expression) -%}
    {#-
      A plain cast to timestamp would drop "+02:00"; the session's TimeZone is UTC. "infinity" is no
      time.
    -#}
    case
        when isfinite(try_cast({{ expression }} as timestamptz))
            then cast(try_cast({{ expression }} as timestamptz) as timestamp)
    end
{%- endmacro %}


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


{# Any text or flag as a boolean. Null: cannot be read as one. #}
{% macro to_boolean(expression) -%}
    {{ adapter.dispatch('to_boolean', 'engagement')(expression) }}
{%- endmacro %}

{% macro duckdb__to_boolean(expression) -%}
    try_cast({{ expression }} as boolean)
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
    cast({{ expression }} as {{ adapter.dispatch('type_double', 'engagement')() }})
{%- endmacro %}

{% macro default__type_double() -%} double precision {%- endmacro %}

{% macro spark__type_double() -%} double {%- endmacro %}


{#
  Any text or number as a whole number, halves up. Null: cannot be read, or beyond
  two billion.
#}
{% macro to_integer(expression) -%}
    case
        when abs({{ to_number(expression) }}) < 2147483647
            then cast({{ round_half_up(to_number(expression)) }} as {{ dbt.type_bigint() }})
    end
{%- endmacro %}


{# A number rounded to the nearest whole number, halves up: 26.5 -> 27, -0.5 -> 0. #}
{% macro round_half_up(expression) -%}
    floor({{ expression }} + 0.5)
{%- endmacro %}


{# A null of type text. #}
{% macro null_text() -%}
    cast(null as {{ dbt.type_string() }})
{%- endmacro %}
