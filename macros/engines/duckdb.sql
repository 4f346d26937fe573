{# What DuckDB calls the names of engine.sql. #}

{% macro duckdb__to_number(expression) -%}
    case
        when isfinite(try_cast({{ expression }} as double))
            then try_cast({{ expression }} as double)
    end
{%- endmacro %}


{% macro duckdb__type_double() -%} double precision {%- endmacro %}


{% macro duckdb__row_as_json(columns, prefix) -%}
    cast(json_object(
        {%- for column in columns -%}
            '{{ column }}', {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    ) as varchar)
{%- endmacro %}


{% macro duckdb__json_member(object, name) -%}
    json_extract_string(try_cast({{ object }} as json), '$."{{ name }}"')
{%- endmacro %}


{% macro duckdb__json_text(expression) -%}
    cast(to_json({{ expression }}) as varchar)
{%- endmacro %}


{% macro duckdb__event_parameters(parameters) -%}
    from_json(
        try_cast({{ parameters }} as json),
        '[{"key": "varchar", "value": {"string_value": "varchar", "int_value": "varchar",
        "double_value": "varchar", "float_value": "varchar"}}]'
    )
{%- endmacro %}

{% macro duckdb__event_parameter(parameters, key) -%}
    list_transform(
        list_filter({{ parameters }}, lambda parameter: parameter.key = '{{ key }}'),
        lambda parameter: coalesce(
            parameter.value.string_value, parameter.value.int_value, parameter.value.double_value,
            parameter.value.float_value
        )
    )[1]
{%- endmacro %}


{% macro duckdb__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}


{% macro duckdb__replace_first(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}


{% macro duckdb__without_leading(text, characters) -%}
    ltrim({{ text }}, '{{ characters }}')
{%- endmacro %}


{% macro duckdb__without_trailing(text, characters) -%}
    rtrim({{ text }}, '{{ characters }}')
{%- endmacro %}


{% macro duckdb__first_match(text, pattern) -%}
    regexp_extract({{ text }}, '{{ pattern }}')
{%- endmacro %}


{% macro duckdb__words_of(text) -%}
    ' ' || trim(
        {{ replace_all(replace_all('lower(' ~ text ~ ')', '\\b(\\pL)[.]', '\\1'), '[^\\pL\\pM\\pN]+', ' ') }}
    ) || ' '
{%- endmacro %}


{% macro duckdb__url_decoded(text) -%}
    {#- what is no text in UTF-8 stays as it is, and so does a zero byte #}
    case
        when position('%00' in {{ text }}) > 0 then {{ text }}
        else coalesce(try(url_decode({{ text }})), {{ text }})
    end
{%- endmacro %}


{% macro duckdb__ordered_text(expression) -%}
    string_agg({{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}


{% macro duckdb__time_from_text(text) -%}
    case
        when regexp_matches({{ text }}, '^(\d{10}|\d{13}|\d{16})$')
            then make_timestamp(cast(rpad({{ text }}, 16, '0') as bigint))
        when regexp_matches({{ text }}, ':\d\d.*(z|utc|[+-]\d\d(:?\d\d)?)$', 'i')
            then timezone('UTC', try_cast({{ text }} as timestamp with time zone))
        else try_cast({{ text }} as timestamp)
    end
{%- endmacro %}


{% macro duckdb__utc_time(expression) -%}
    timezone('UTC', {{ expression }})
{%- endmacro %}


{% macro duckdb__time_bucket(timestamp_expression, seconds) -%}
    cast(floor(extract(epoch from {{ timestamp_expression }}) / {{ seconds }}) as bigint)
{%- endmacro %}


{% macro duckdb__add_minutes(timestamp_expression, minutes_expression) -%}
    ({{ timestamp_expression }} + {{ minutes_expression }} * interval '1 minute')
{%- endmacro %}


{% macro duckdb__add_seconds(timestamp_expression, seconds) -%}
    ({{ timestamp_expression }} + {{ seconds }} * interval '1 second')
{%- endmacro %}


{% macro duckdb__days_between(from_date, to_date) -%}
    cast(cast({{ to_date }} as date) - cast({{ from_date }} as date) as integer)
{%- endmacro %}


{% macro duckdb__row_hash(expressions) -%}
    cast(hash({{ expressions | join(', ') }}) >> 1 as bigint)
{%- endmacro %}


{% macro duckdb__table_names(relation) %}
    {% set rows = run_query(
        "select table_name from information_schema.tables where lower(table_schema) = '"
        ~ relation.schema | lower ~ "' and lower(table_catalog) = '" ~ relation.database | lower
        ~ "' order by table_name"
    ) %}
    {% do return(rows.columns[0].values() | list) %}
{% endmacro %}


{% macro duckdb__statistics_of(relation) -%}
{%- endmacro %}


{% macro duckdb__reads_files() %}
    {% do return(true) %}
{% endmacro %}


{% macro duckdb__null_as_word(relation, column) -%}
{%- endmacro %}


{% macro duckdb__computed_once() -%}
    materialized
{%- endmacro %}


{% macro duckdb__for_many_readers() %}
    {% do return('view') %}
{% endmacro %}


{% macro duckdb__partitioned_by(column) %}
    {% do return(none) %}
{% endmacro %}


{% macro duckdb__with_replaceable_rows() %}
    {% do return('incremental') %}
{% endmacro %}


{#
  An empty table with the columns of seeds/_seeds.yml, in their order. Those without a name, which
  spreadsheet programs leave in a file, are none of them. Called by dbt.
#}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {% set columns = [] %}
    {% for name, type in model.config.column_types.items() %}
        {% do columns.append(adapter.quote(name) ~ ' ' ~ type) %}
    {% endfor %}
    {% set sql = 'create table ' ~ this ~ ' (' ~ columns | join(', ') ~ ')' %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {% do return(sql) %}
{% endmacro %}


{#
  Reads the CSV of a seed, without its empty rows, and guesses nothing about it: otherwise one row with
  a stray quote would change how quotes are taken in all others. Called by dbt after the macro above.
#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set file = adapter.get_seed_file_path(model) | replace("'", "''") %}
    {#
      Some lines end with CRLF and others with LF, as after an edit on another system. Read as CRLF;
      read as LF, each CR would be an empty row of a seed with one column.
    #}
    {% set crlf = 'chr(13) || chr(10)' %}
    {% set is_mixed = run_query(
        'select contains(content, ' ~ crlf ~ ') and contains(replace(content, ' ~ crlf
        ~ ", ''), chr(10)) from read_text('" ~ file ~ "')"
    )[0][0] %}
    {% set types = [] %}
    {% set names = [] %}
    {% for name in agate_table.column_names | map('lower') %}
        {% do types.append("'" ~ name | replace("'", "''") ~ "': 'varchar'") %}
        {% do names.append(adapter.quote(name)) if name in model.config.column_types %}
    {% endfor %}
    {% set names = names | join(', ') %}
    {% set sql = 'insert into ' ~ this ~ ' (' ~ names ~ ') select ' ~ names ~ " from read_csv('" ~ file
        ~ "', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
        ~ ", columns = {" ~ types | join(', ') ~ "}"
        ~ (", strict_mode = false, new_line = '\\r\\n'" if is_mixed)
        ~ ') where coalesce(' ~ names ~ ') is not null' %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}
