{#
  All values of a text expression in a group as one text, sorted, separated by ", "; null for an
  empty group.
#}
{% macro ordered_text(expression) -%}
    {{ adapter.dispatch('ordered_text', 'engagement')(expression) }}
{%- endmacro %}

{% macro default__ordered_text(expression) -%}
    string_agg({{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}

{% macro spark__ordered_text(expression) -%}
    array_join(array_sort(collect_list({{ expression }})), ', ')
{%- endmacro %}
