{#
  A select of the rows of one staging model of events in the columns that all channels share;
  `columns` are {column: SQL expression}, and a column that is not given is null.
#}
{% macro event_rows(channel, source_table, model, columns) -%}
    select
        '{{ channel }}' as channel,
        '{{ source_table }}' as source_table,
        event_id,
        {%- for column, data_type in event_contents() %}
        {{ columns.get(column, 'cast(null as ' ~ data_type ~ ')') }} as {{ column }},
        {%- endfor %}
        loaded_at,
        row_id

    from {{ ref(model) }}
{%- endmacro %}


{# What is told about an event, as (column, type). #}
{% macro event_contents() %}
    {% set text, double = dbt.type_string(), adapter.dispatch('type_double', 'engagement')() %}
    {% do return([
        ('event_type', text), ('account_id', text), ('contact_id', text), ('visitor_id', text),
        ('email', text), ('company_domain', text), ('campaign', text), ('asset', text),
        ('outcome', text), ('user_agent', text), ('value', double),
        ('occurred_at', dbt.type_timestamp()),
    ]) %}
{% endmacro %}
