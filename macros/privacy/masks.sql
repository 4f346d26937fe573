{#
  True if var `mask_personal_data` asks for masked marts; ends the run if it is neither true nor
  false.
#}
{% macro masks_personal_data() %}
    {% set mask = var('mask_personal_data') | string | lower %}
    {% if mask not in ('true', 'false') %}
        {% do exceptions.raise_compiler_error(
            "Var mask_personal_data is '" ~ var('mask_personal_data') ~ "'. Write true or false."
        ) %}
    {% endif %}
    {% do return(mask == 'true') %}
{% endmacro %}


{#
  A value that names a person: as it is, or its keyed hash if personal data is masked. The same
  value has the same hash in all marts and builds, so that it can still be joined and counted.
#}
{% macro masked(expression) -%}
    {%- if masks_personal_data() -%}
    ('masked-' || substr({{ keyed_hash(expression, 'mask') }}, 1, 16))
    {%- else -%}
    {{ expression }}
    {%- endif -%}
{%- endmacro %}


{#
  What a person is called: the name, or the keyed hash of the id if personal data is masked, so that
  namesakes stay two people. Null: no name.
#}
{% macro shown_name(name, person_id) -%}
    {%- if masks_personal_data() -%}
    case when {{ name }} is not null then {{ masked(person_id) }} end
    {%- else -%}
    {{ name }}
    {%- endif -%}
{%- endmacro %}


{#
  A text about a person of which a hash would be of no use, or too easily guessed: as it is, or null
  if personal data is masked.
#}
{% macro hidden(expression) -%}
    {%- if masks_personal_data() -%} {{ null_text() }} {%- else -%} {{ expression }} {%- endif -%}
{%- endmacro %}
