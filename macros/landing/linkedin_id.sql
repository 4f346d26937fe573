{#
  The number in a LinkedIn id, as text: 'urn:li:organization:1234', '["urn:li:organization:1234"]',
  '1234' and '1234.0' -> '1234'. Null if there is no number.
#}
{% macro linkedin_id(urn) -%}
    nullif({{ replace_all(replace_all(urn, '[.]0+$', ''), '[^0-9]', '') }}, '')
{%- endmacro %}


{#
  The number of a LinkedIn lead form, as text, in the id of one of its versions:
  'urn:li:versionedLeadGenForm:(urn:li:leadGenForm:3162,1)' -> '3162'.
#}
{% macro linkedin_form_id(urn) -%}
    {{ linkedin_id('split_part(' ~ urn ~ ", ',', 1)") }}
{%- endmacro %}
