{#
  A word of a closed list in one spelling: lower case, without spaces, hyphens, underscores, other
  punctuation and text in brackets. 'Closed Won (Sales Pipeline)' and 'closed_won' -> 'closedwon'.
  Null if nothing is left.
#}
{% macro plain_word(text) -%}
    nullif({{ replace_all('lower(' ~ text ~ ')', '\\([^)]*\\)|[\\s_/.,:;&-]+', '') }}, '')
{%- endmacro %}
