{# What Spark calls the names of engine.sql. #}

{% macro spark__type_double() -%} double {%- endmacro %}


{% macro spark__ordered_text(expression) -%}
    array_join(array_sort(collect_list({{ expression }})), ', ')
{%- endmacro %}


{% macro spark__row_hash(expressions) -%}
    shiftrightunsigned(xxhash64({{ expressions | join(', ') }}), 1)
{%- endmacro %}


{% macro spark__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern | replace("\\", "\\\\") }}', '{{ replacement }}')
{%- endmacro %}


{% macro spark__table_names(relation) %}
    {% do return(run_query('show tables in ' ~ relation.schema).columns['tableName'].values() | list) %}
{% endmacro %}


{% macro spark__json_text(expression) -%}
    to_json({{ expression }})
{%- endmacro %}
