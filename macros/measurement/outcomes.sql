{#
  The outcomes of the backtest. Each is a column of `int_landmark_accounts`: 1 if it happened within
  the window, else 0.
#}
{% macro measured_outcomes() %}
    {% do return(['opportunity_created', 'won']) %}
{% endmacro %}


{# The outcomes of the backtest as a select with one row each. #}
{% macro outcome_rows() -%}
    {%- for outcome in measured_outcomes() -%}
        select '{{ outcome }}' as outcome{{ ' union all ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
