{# A member of a JSON object in text, as text. Null: no such member, or no JSON object. #}
{% macro json_member(object, name) -%}
    {{ adapter.dispatch('json_member', 'engagement')(object, name) }}
{%- endmacro %}

{% macro duckdb__json_member(object, name) -%}
    json_extract_string(try_cast({{ object }} as json), '$."{{ name }}"')
{%- endmacro %}


{#
  A parameter of an event as GA4 exports it, a JSON list of {"key": ..., "value": {"string_value" or
  "int_value" or "double_value" or "float_value": ...}} in text, as text. Null: no such parameter.
#}
{% macro event_parameter(parameters, key) -%}
    {{ adapter.dispatch('event_parameter', 'engagement')(parameters, key) }}
{%- endmacro %}

{% macro duckdb__event_parameter(parameters, key) -%}
    list_transform(
        list_filter(
            from_json(
                try_cast({{ parameters }} as json),
                '[{"key": "varchar", "value": {"string_value": "varchar", "int_value": "varchar",
                "double_value": "varchar", "float_value": "varchar"}}]'
            ),
            lambda parameter: parameter.key = '{{ key }}'
        ),
        lambda parameter: coalesce(
            parameter.value.string_value, parameter.value.int_value, parameter.value.double_value,
            parameter.value.float_value
        )
    )[1]
{%- endmacro %}
