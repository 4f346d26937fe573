{#
  How many % of a LIKE pattern have something to find behind them. Each may have to be tried at
  every place of a text, so comparing can take as many steps as the text is long, to the power of
  them.
#}
{% macro count_wildcards(pattern) -%}
    (
        length(rtrim({{ pattern }}, '%'))
        - length(replace(rtrim({{ pattern }}, '%'), '%', ''))
    )
{%- endmacro %}


{# The most of them that a pattern may have: time grows with the square of the text, no faster. #}
{% macro most_wildcards() %}
    {% do return(2) %}
{% endmacro %}


{# What patterns are compared with: the first characters of a text, as many as a var says. #}
{% macro matched_text(text) -%}
    substr({{ text }}, 1, {{ var('pattern_text_length') | int }})
{%- endmacro %}


{#
  True where a title has the words of a pattern of `personas`, as whole words and next to each other;
  % in a pattern stands for any text, also within a word. `words` are those of `words_of`.

  'head of' fits 'Global Head of IT', not 'Ahead of time'; 'engineer%' fits 'Engineering'
#}
{% macro has_words(words, pattern) -%}
    {{ words }} like '% ' || lower({{ pattern }}) || ' %'
{%- endmacro %}


{#
  True where a path begins with the whole segments of a pattern of `page_categories`; % in a pattern
  stands for any text, also within a segment.

  '/pricing' fits '/pricing' and '/pricing/plus', not '/pricing-guide'; '%/pricing' fits
  '/shop/pricing'; '/pricing%' fits '/pricing-guide'
#}
{% macro has_segments(path, pattern) -%}
    {{ matched_text(path) }} || '/' like lower({{ pattern }}) || '/%'
{%- endmacro %}
