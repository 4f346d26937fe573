{#
  A tool's name in one spelling: "No Answer", "no-answer" and "no_answer" -> 'no_answer'. Null if
  there is none.
#}
{% macro one_spelling(name) -%}
    case
        when position(' ' in {{ name }}) > 0 or position('-' in {{ name }}) > 0
            then {{ replace_all('lower(' ~ name ~ ')', '[ _-]+', '_') }}
        else lower({{ name }})
    end
{%- endmacro %}
