{# A timestamp plus a number of minutes that comes from a column; null if either is null. #}
{% macro add_minutes(timestamp_expression, minutes_expression) -%}
    ({{ timestamp_expression }} + {{ minutes_expression }} * interval '1 minute')
{%- endmacro %}


{# Whole days from one date to another, as an integer; negative if the second is earlier. #}
{% macro days_between(from_date, to_date) -%}
    cast(cast({{ to_date }} as date) - cast({{ from_date }} as date) as integer)
{%- endmacro %}
