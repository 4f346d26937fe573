{#
  A model's own schema as it is written, without the target's before it. In a package it is one of
  var `engagement_schema_prefix`, or of the target, so that it is none of the project around it.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if project_name == 'engagement' -%}
    {{ (custom_schema_name or target.schema) | trim }}
    {%- else -%}
    {%- set prefix = var('engagement_schema_prefix') or target.schema ~ '_engagement' -%}
    {{ [prefix, custom_schema_name] | select | join('_') }}
    {%- endif -%}
{%- endmacro %}
