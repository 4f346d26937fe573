{#
  Makes sure that the tables of source `review` exist, so that models can read them before the first
  review: empty until scripts/review_signals.py writes what it found. What is in them stays.
#}
{% macro create_review_tables() %}
    {% if execute %}
        {% for table in graph.sources.values()
            if table.source_name == 'review' and table.package_name == 'engagement' %}
            {% do run_query('create schema if not exists ' ~ table.schema) %}
            {% do run_query(review_table_ddl(table)) %}
        {% endfor %}
    {% endif %}
{% endmacro %}


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
