{#
  A model's own schema name, without the target's before it. In a package, it starts with var
  `engagement_schema_prefix` or the target's schema, so that it never clashes with the surrounding
  project.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if project_name == 'engagement' -%}
    {{ (custom_schema_name or target.schema) | trim }}
    {%- else -%}
    {%- set prefix = var('engagement_schema_prefix') or target.schema ~ '_engagement' -%}
    {{ [prefix, custom_schema_name] | select | join('_') }}
    {%- endif -%}
{%- endmacro %}
