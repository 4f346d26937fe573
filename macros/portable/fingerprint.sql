{#
  A text that changes when any of the texts of a group does, whatever their order. It may be another
  one on another version of the engine.
#}
{% macro fingerprint(expression) -%}
    {{ adapter.dispatch('fingerprint', 'engagement')(expression) }}
{%- endmacro %}

{% macro default__fingerprint(expression) -%}
    md5({{ ordered_text('md5(' ~ expression ~ ')') }})
{%- endmacro %}

{% macro duckdb__fingerprint(expression) -%}
    cast(sum(hash({{ expression }})) as varchar)
{%- endmacro %}
