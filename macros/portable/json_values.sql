{# A member of a JSON object in text, as text. Null: no such member, or no JSON object. #}
{% macro json_member(object, name) -%}
    {{ adapter.dispatch('json_member', 'engagement')(object, name) }}
{%- endmacro %}

{% macro duckdb__json_member(object, name) -%}
    json_extract_string(try_cast({{ object }} as json), '$."{{ name }}"')
{%- endmacro %}


{#
  The parameters of an event as GA4 exports them, a JSON list of {"key": ..., "value": {"string_value" or
  "int_value" or "double_value" or "float_value": ...}} in text, as a list of the engine's own. Null: no
  such list.
#}
{% macro event_parameters(parameters) -%}
    {{ adapter.dispatch('event_parameters', 'engagement')(parameters) }}
{%- endmacro %}

{% macro duckdb__event_parameters(parameters) -%}
    from_json(
        try_cast({{ parameters }} as json),
        '[{"key": "varchar", "value": {"string_value": "varchar", "int_value": "varchar",
        "double_value": "varchar", "float_value": "varchar"}}]'
    )
{%- endmacro %}


{# One of the parameters in a list of `event_parameters`, as text. Null: there is none. #}
{% macro event_parameter(parameters, key) -%}
    {{ adapter.dispatch('event_parameter', 'engagement')(parameters, key) }}
{%- endmacro %}

{% macro duckdb__event_parameter(parameters, key) -%}
    list_transform(
        list_filter({{ parameters }}, lambda parameter: parameter.key = '{{ key }}'),
        lambda parameter: coalesce(
            parameter.value.string_value, parameter.value.int_value, parameter.value.double_value,
            parameter.value.float_value
        )
    )[1]
{%- endmacro %}
