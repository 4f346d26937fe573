{#
  What makes an engine look at a new table before it plans queries on it; empty where it does so by
  itself.
#}
{% macro statistics_of(relation) -%}
    {{ adapter.dispatch('statistics_of', 'engagement')(relation) }}
{%- endmacro %}

{% macro default__statistics_of(relation) -%}
{%- endmacro %}
