{#
  The number in an id of LinkedIn, as text: 'urn:li:organization:1234', '["urn:li:organization:1234"]'
  and '1234' -> '1234'. Null: no number.
#}
{% macro linkedin_id(urn) -%}
    nullif({{ replace_all(urn, '[^0-9]', '') }}, '')
{%- endmacro %}
