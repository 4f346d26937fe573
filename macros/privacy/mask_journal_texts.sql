{#
  Takes the names of people out of the texts that a journal holds from the time before personal data
  was masked: the key cannot know whom they meant, so they become "a person". Before an incremental
  run, in its transaction; does nothing if personal data is not masked.
#}
{% macro mask_journal_texts(text_column) -%}
    {%- if is_incremental() and masks_personal_data() %}
    update {{ this }}
    set {{ text_column }} = {{ nameless_text(text_column) }}
    where
        {{ text_column }} like '% by %'
        and {{ text_column }} not like '% by masked-%'
        and {{ text_column }} not like '% by a person (%'
    {%- endif %}
{%- endmacro %}


{# The same for the column with the address of the sales owner, which becomes its keyed hash. #}
{% macro mask_journal_owners() -%}
    {%- if is_incremental() and masks_personal_data() %}
    update {{ this }}
    set owner_email = {{ masked('owner_email') }}
    where owner_email not like 'masked-%'
    {%- endif %}
{%- endmacro %}


{# Writes the payload of alerts again whose other columns were masked by the two macros above. #}
{% macro mask_journal_payloads(payload_columns) -%}
    {%- if is_incremental() and masks_personal_data() %}
    update {{ this }}
    set payload = {{ row_as_json(payload_columns) }}
    where payload <> {{ row_as_json(payload_columns) }}
    {%- endif %}
{%- endmacro %}


{# The text of a journal with "a person" for every name, as in "Page viewed by a person (5)". #}
{% macro nameless_text(expression) -%}
    {{ adapter.dispatch('nameless_text', 'engagement')(expression) }}
{%- endmacro %}

{% macro default__nameless_text(expression) -%}
    regexp_replace(
        {{ expression }}, '(?s) by .*? [(](-?[0-9.]+( → capped)?)[)]', ' by a person (\1)', 'g'
    )
{%- endmacro %}
