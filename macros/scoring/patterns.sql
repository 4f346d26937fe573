{# The part of a text that patterns look at: its first characters, up to var `pattern_text_length`. #}
{% macro matched_text(text) -%}
    substr({{ text }}, 1, {{ var('pattern_text_length') | int }})
{%- endmacro %}


{#
  The LIKE pattern for titles, as `words_of` writes them, that contain the words of a `personas`
  pattern as whole words next to each other. % in a pattern matches any text, also within a word.

  'head of' matches 'Global Head of IT', not 'Ahead of time'; 'praktikant%' matches 'Praktikantin'
#}
{% macro words_pattern(pattern) -%}
    '% ' || lower({{ pattern }}) || ' %'
{%- endmacro %}


{#
  The LIKE pattern for paths, with a slash after them, that begin with the whole segments of a
  `page_categories` pattern. % in a pattern matches any text, also within a segment.

  '/pricing' matches '/pricing' and '/pricing/plus', not '/pricing-guide'; '%/pricing' matches
  '/shop/pricing'; '/pricing%' matches '/pricing-guide'
#}
{% macro segments_pattern(pattern) -%}
    lower({{ pattern }}) || '/%'
{%- endmacro %}
