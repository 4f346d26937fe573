{#
  A model's own schema name, with var `engagement_schema_prefix` before it if that is set. In a package,
  the target's schema is the default prefix, so that it never clashes with the surrounding project.
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
