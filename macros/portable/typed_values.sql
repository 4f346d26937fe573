{#
  A value of a column of any type in a type of the landing contract. Null if it can't be read. Spaces
  around texts are removed, and times are in UTC. `found_type` is the engine's type.
#}
{% macro typed_value(expression, found_type, data_type) -%}
    {%- set kind = type_kind(found_type) -%}
    {%- if data_type == 'text' -%}
    {{ json_text(expression) if kind == 'nested' else trimmed(expression) }}
    {%- elif data_type == 'timestamp' -%}
    {{ in_accepted_years(
        utc_time(expression) if kind == 'zoned time'
        else 'cast(' ~ expression ~ ' as ' ~ dbt.type_timestamp() ~ ')' if kind == 'time'
        else time_from_text(trimmed(expression))
    ) }}
    {%- elif data_type == 'boolean' and kind == 'boolean' -%}
    {{ expression }}
    {%- elif data_type == 'boolean' -%}
    case
        when lower({{ trimmed(expression) }}) in ('true', 't', 'yes', 'y', '1', '1.0') then true
        when lower({{ trimmed(expression) }}) in ('false', 'f', 'no', 'n', '0', '0.0') then false
    end
    {%- elif data_type == 'integer' -%}
    case
        when abs({{ to_number(expression) }}) < 2147483647
            and {{ to_number(expression) }} = floor({{ to_number(expression) }})
            then cast({{ to_number(expression) }} as {{ dbt.type_bigint() }})
    end
    {%- else -%}
    case when abs({{ to_number(expression) }}) < 1e15 then {{ to_number(expression) }} end
    {%- endif -%}
{%- endmacro %}


{#
  The kind of value in a type of the engine: time, zoned time, boolean, nested (a list or struct) or
  text. Every other type counts as text.
#}
{% macro type_kind(found_type) %}
    {% set name = found_type | lower %}
    {% do return(
        'nested' if name.endswith(']') or name.startswith(('struct', 'array', 'map'))
        else 'boolean' if name.startswith('bool')
        else 'zoned time' if name.startswith('timestamp') and ('with time zone' in name or name == 'timestamptz')
        else 'time' if name.startswith('timestamp') or name.startswith('date')
        else 'text'
    ) %}
{% endmacro %}


{# A value as text without surrounding spaces. Null if nothing is left. #}
{% macro trimmed(expression) -%}
    nullif(trim(cast({{ expression }} as {{ dbt.type_string() }})), '')
{%- endmacro %}


{# A time within the years that landing accepts. Null outside them. #}
{% macro in_accepted_years(time) -%}
    case
        when {{ time }} >= cast('1900-01-01' as {{ dbt.type_timestamp() }})
            and {{ time }} < cast('2201-01-01' as {{ dbt.type_timestamp() }})
            then {{ time }}
    end
{%- endmacro %}
