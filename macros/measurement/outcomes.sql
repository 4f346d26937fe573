{#
  The outcomes of the backtest. Each is a column of `int_landmark_accounts` with 1 (happened within
  the window) or 0.
#}
{% macro measured_outcomes() %}
    {% do return(['opportunity_created', 'won']) %}
{% endmacro %}


{# The same as a select with one row per outcome. #}
{% macro outcome_rows() -%}
    {%- for outcome in measured_outcomes() -%}
        select '{{ outcome }}' as outcome{{ ' union all ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
