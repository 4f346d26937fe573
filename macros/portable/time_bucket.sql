{#
  The number of the stretch of so many seconds that a time lies in, counted from 1970: two times that
  are closer than that lie in the same or in neighbouring ones.
#}
{% macro time_bucket(timestamp_expression, seconds) -%}
    {{ adapter.dispatch('time_bucket', 'engagement')(timestamp_expression, seconds) }}
{%- endmacro %}

{% macro default__time_bucket(timestamp_expression, seconds) -%}
    cast(floor(extract(epoch from {{ timestamp_expression }}) / {{ seconds }}) as bigint)
{%- endmacro %}


{# A timestamp plus a number of seconds. #}
{% macro add_seconds(timestamp_expression, seconds) -%}
    ({{ timestamp_expression }} + {{ seconds }} * interval '1 second')
{%- endmacro %}
