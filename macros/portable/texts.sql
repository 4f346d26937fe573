{#
  A word of a closed list as one value, however it is written: lower case, without blanks, hyphens,
  underscores and other marks, and without what stands in brackets: 'Closed Won (Sales Pipeline)' and
  'closed_won' -> 'closedwon'. Null: nothing is left.
#}
{% macro plain_word(text) -%}
    nullif({{ replace_all('lower(' ~ text ~ ')', '\\([^)]*\\)|[\\s_/.,:;&-]+', '') }}, '')
{%- endmacro %}
