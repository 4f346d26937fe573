{#
  Points as decimal(38, 15). Sums of decimals are the same in any order and on any number of threads.
  So ledger rows add up to the score exactly, and a rerun changes nothing.
#}
{% macro exact_points(expression) -%}
    cast({{ expression }} as decimal(38, 15))
{%- endmacro %}


{#
  Exact points rounded to two decimals, for reports and spreadsheets. Rounded numbers may not add up.
  They are rounded as doubles, because DuckDB needs microseconds to round one exact decimal. So a
  billionth is added first: a double can lie just below a half.
#}
{% macro rounded_points(expression) -%}
    {%- set points = double(expression) -%}
    cast({{ points }} + sign({{ points }}) * {{ double('0.000000001') }} as decimal(18, 2))
{%- endmacro %}


{#
  Points for ranking: differences below 1e-9 come from rounding, and are ties on every engine. They are
  rounded as doubles, for the same reason as `rounded_points`.
#}
{% macro ranked_points(points) -%}
    cast({{ double(points) }} as decimal(28, 9))
{%- endmacro %}


{#
  The published score: exact points rounded half-up to a whole number, as doubles for the same reason
  as `rounded_points`. What is less than 5e-10 below a half comes from rounding, and counts as the half.

  26.4999999999 -> 27, 26.49 -> 26
#}
{% macro round_score(score_raw) -%}
    cast({{ round_half_up(double(score_raw) ~ ' + ' ~ double('0.0000000005')) }} as integer)
{%- endmacro %}
