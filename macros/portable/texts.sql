{# A text with all that matches a regular expression replaced. #}
{% macro replace_all(text, pattern, replacement) -%}
    {{ adapter.dispatch('replace_all', 'engagement')(text, pattern, replacement) }}
{%- endmacro %}

{% macro default__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern | replace("\\", "\\\\") }}', '{{ replacement }}')
{%- endmacro %}


{# The first part of a text that matches a regular expression; '' if none does. #}
{% macro first_match(text, pattern) -%}
    {{ adapter.dispatch('first_match', 'engagement')(text, pattern) }}
{%- endmacro %}

{% macro duckdb__first_match(text, pattern) -%}
    regexp_extract({{ text }}, '{{ pattern }}')
{%- endmacro %}


{#
  A word of a closed list as one value, however it is written: lower case, without blanks, hyphens,
  underscores and other marks, and without what stands in brackets: 'Closed Won (Sales Pipeline)' and
  'closed_won' -> 'closedwon'. Null: nothing is left.
#}
{% macro plain_word(text) -%}
    nullif({{ replace_all('lower(' ~ text ~ ')', '\\([^)]*\\)|[\\s_/.,:;&-]+', '') }}, '')
{%- endmacro %}
