{# What patterns are compared with: the first characters of a text, as many as a var says. #}
{% macro matched_text(text) -%}
    substr({{ text }}, 1, {{ var('pattern_text_length') | int }})
{%- endmacro %}


{#
  What a title of `words_of` is like if it has the words of a pattern of `personas`, whole and next to
  each other; % in a pattern stands for any text, also within a word.

  'head of' fits 'Global Head of IT', not 'Ahead of time'; 'praktikant%' fits 'Praktikantin'
#}
{% macro words_pattern(pattern) -%}
    '% ' || lower({{ pattern }}) || ' %'
{%- endmacro %}


{#
  What a path with a slash behind it is like if it begins with the whole segments of a pattern of
  `page_categories`; % in a pattern stands for any text, also within a segment.

  '/pricing' fits '/pricing' and '/pricing/plus', not '/pricing-guide'; '%/pricing' fits
  '/shop/pricing'; '/pricing%' fits '/pricing-guide'
#}
{% macro segments_pattern(pattern) -%}
    lower({{ pattern }}) || '/%'
{%- endmacro %}
