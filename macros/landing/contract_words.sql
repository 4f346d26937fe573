{# The outcomes of the landing contract, as a select with one row per channel and outcome. #}
{% macro known_outcomes() %}
{%- set rows = [] -%}
{%- for table in landing_contract() -%}
    {%- for outcome in table.config.meta.get('outcomes', []) -%}
        {%- do rows.append(
            "select '" ~ table.config.meta.channel ~ "' as channel, '" ~ outcome ~ "' as outcome"
        ) -%}
    {%- endfor -%}
{%- endfor -%}
{{ rows | join('\nunion all\n') if rows else "select '' as channel, '' as outcome" }}
{% endmacro %}


{#
  The event types of the landing contract, as a select with one row per channel and event type. A null
  type means any name is allowed.
#}
{% macro known_event_types() %}
{%- set rows = [] -%}
{%- for table in landing_contract() if table.config.meta.get('channel') -%}
    {%- for event_type in table.config.meta.get('event_types', [none]) -%}
        {%- do rows.append(
            "select '" ~ table.config.meta.channel ~ "' as channel, "
            ~ ("'" ~ event_type ~ "'" if event_type else null_text()) ~ " as event_type"
        ) -%}
    {%- endfor -%}
{%- endfor -%}
{{ rows | join('\nunion all\n') if rows else "select '' as channel, '' as event_type" }}
{% endmacro %}
