{#
  A value of a column of any type in a type of the landing contract; null where it cannot be read. Texts
  lose the blanks around them, times are in UTC. `found_type` is the type that the engine gives.
#}
{% macro typed_value(expression, found_type, data_type) -%}
    {%- set kind = type_kind(found_type) -%}
    {%- if data_type == 'text' -%}
    {{ trimmed(expression) }}
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


{# What a type of the engine holds: time, zoned time, boolean or text; all that is none of these is text. #}
{% macro type_kind(found_type) %}
    {% set name = found_type | lower %}
    {% do return(
        'boolean' if name.startswith('bool')
        else 'zoned time' if name.startswith('timestamp') and ('with time zone' in name or name == 'timestamptz')
        else 'time' if name.startswith('timestamp') or name.startswith('date')
        else 'text'
    ) %}
{% endmacro %}


{# A value as text without blanks around it; null if nothing is left. #}
{% macro trimmed(expression) -%}
    nullif(trim(cast({{ expression }} as {{ dbt.type_string() }})), '')
{%- endmacro %}


{# A time of the years that landing accepts; null outside. #}
{% macro in_accepted_years(time) -%}
    case
        when {{ time }} >= cast('1900-01-01' as {{ dbt.type_timestamp() }})
            and {{ time }} < cast('2201-01-01' as {{ dbt.type_timestamp() }})
            then {{ time }}
    end
{%- endmacro %}


{# A time with a zone as one without, in UTC. #}
{% macro utc_time(expression) -%}
    {{ adapter.dispatch('utc_time', 'engagement')(expression) }}
{%- endmacro %}

{% macro default__utc_time(expression) -%}
    timezone('UTC', {{ expression }})
{%- endmacro %}


{#
  A day or a time in text, as ISO 8601 writes it, in UTC; one without a zone is taken as UTC. Null: it is
  none.
#}
{% macro time_from_text(text) -%}
    {{ adapter.dispatch('time_from_text', 'engagement')(text) }}
{%- endmacro %}

{% macro duckdb__time_from_text(text) -%}
    case
        when regexp_matches({{ text }}, ':\d\d.*(z|utc|[+-]\d\d(:?\d\d)?)$', 'i')
            then timezone('UTC', try_cast({{ text }} as timestamp with time zone))
        else try_cast({{ text }} as timestamp)
    end
{%- endmacro %}


{# The names of the tables and views beside a relation, in its schema. #}
{% macro table_names(relation) %}
    {% do return(adapter.dispatch('table_names', 'engagement')(relation)) %}
{% endmacro %}

{% macro default__table_names(relation) %}
    {% set rows = run_query(
        "select table_name from information_schema.tables where lower(table_schema) = '"
        ~ relation.schema | lower ~ "' and lower(table_catalog) = '" ~ relation.database | lower
        ~ "' order by table_name"
    ) %}
    {% do return(rows.columns[0].values() | list) %}
{% endmacro %}

{% macro spark__table_names(relation) %}
    {% do return(run_query('show tables in ' ~ relation.schema).columns['tableName'].values() | list) %}
{% endmacro %}
