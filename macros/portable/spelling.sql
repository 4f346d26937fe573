{#
  One spelling of a name that a tool gives to something: "No Answer", "no-answer" and "no_answer" ->
  'no_answer'. Null: none.
#}
{% macro one_spelling(name) -%}
    case
        when position(' ' in {{ name }}) > 0 or position('-' in {{ name }}) > 0
            then {{ replace_all('lower(' ~ name ~ ')', '[ _-]+', '_') }}
        else lower({{ name }})
    end
{%- endmacro %}


{#
  The words of a text, lower case, with one blank before, between and after them; dots of initials
  vanish: "V.P., Sales/Marketing" -> ' vp sales marketing '. Null: no text.
#}
{% macro words_of(text) -%}
    {{ adapter.dispatch('words_of', 'engagement')(text) }}
{%- endmacro %}

{% macro default__words_of(text) -%}
    ' ' || trim(
        {{ replace_all(replace_all('lower(' ~ text ~ ')', '\\b(\\pL)[.]', '\\1'), '[^\\pL\\pM\\pN]+', ' ') }}
    ) || ' '
{%- endmacro %}
