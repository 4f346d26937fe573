{#
  A number that changes when any of the texts of a group does, whatever their order, and that of two
  groups together is the sum of both. It may be another one on another version of the engine.
#}
{% macro fingerprint(expression) -%}
    {{ adapter.dispatch('fingerprint', 'engagement')(expression) }}
{%- endmacro %}

{% macro duckdb__fingerprint(expression) -%}
    sum(cast(hash({{ expression }}) as decimal(38, 0)))
{%- endmacro %}
