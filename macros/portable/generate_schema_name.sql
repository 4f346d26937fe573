{#
  A model's own schema as it is written, without the target's before it. Var `engagement_schema_prefix`
  stands before it, or the target's in a package, so that it is none of the project around it.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set own = target.schema ~ '_engagement' if is_package() -%}
    {%- set prefix = var('engagement_schema_prefix') or own -%}
    {%- if prefix -%}
    {{ [prefix, custom_schema_name] | select | join('_') }}
    {%- else -%}
    {{ (custom_schema_name or target.schema) | trim }}
    {%- endif -%}
{%- endmacro %}
