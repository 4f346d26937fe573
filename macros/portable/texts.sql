{#
  A word of a closed list in one spelling: lower case, without spaces, hyphens, underscores and other
  punctuation. 'No Answer', 'no_answer' -> 'noanswer'; 'Bounce (soft)' -> 'bouncesoft', another word
  than 'bounce'. Null if nothing is left.
#}
{% macro plain_word(text) -%}
    nullif({{ replace_all('lower(' ~ text ~ ')', '[\\s_/.,:;&()-]+', '') }}, '')
{%- endmacro %}


{#
  A stage of the CRM as a plain word. Text in brackets is left out, because CRMs add the name of the
  pipeline: 'Closed Won (Sales Pipeline)' and 'closed_won' -> 'closedwon'. Null if nothing is left.
#}
{% macro plain_stage(text) -%}
    {{ plain_word(replace_all(text, '\\([^)]*\\)', '')) }}
{%- endmacro %}
