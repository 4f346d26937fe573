{#
  A number from 0 to 1 (exclusive) that depends on nothing but a text, and is the same on every
  engine: the first seven hex digits of the text's md5, as a fraction. Evenly spread over texts.
#}
{% macro uniform_number(text_expression) -%}
    (
        {%- for digit in range(1, 8) %}
        ({{ dbt.position('substr(md5(' ~ text_expression ~ '), ' ~ digit ~ ', 1)', "'0123456789abcdef'") }} - 1)
        / {{ double(16 ** digit) }}{{ ' +' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
