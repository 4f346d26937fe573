{# The statement that creates one table of source `review`, unless it is there, from its YAML. #}
{% macro review_table_ddl(table) %}
    {% set types = {
        'text': dbt.type_string(), 'number': adapter.dispatch('type_double', 'engagement')() | trim,
        'integer': dbt.type_int(), 'date': 'date',
    } %}
    {% set columns = [] %}
    {% for column in table.columns.values() %}
        {% do columns.append(column.name ~ ' ' ~ types[column.data_type]) %}
    {% endfor %}
    {% do return(
        'create table if not exists ' ~ table.schema ~ '.' ~ table.name ~ ' (' ~ columns | join(', ') ~ ')'
    ) %}
{% endmacro %}
