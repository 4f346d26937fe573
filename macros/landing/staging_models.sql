{# The names of all staging models, one per raw table, in the order of `raw_tables`. #}
{% macro staging_models() %}
    {% set models = [] %}
    {% for table in raw_tables() %}
        {% do models.append(table.model | replace('base_', 'stg_')) %}
    {% endfor %}
    {% do return(models) %}
{% endmacro %}
