{#
  Points as decimal(38, 15). Sums of decimals are the same in any order and on any number of threads.
  So ledger rows add up to the score exactly, and a rerun changes nothing.
#}
{% macro exact_points(expression) -%}
    cast({{ expression }} as decimal(38, 15))
{%- endmacro %}


{#
  Exact points rounded to two decimals, for reports and spreadsheets. Rounded numbers may not add up.
#}
{% macro rounded_points(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}


{#
  Points for ranking: differences below 1e-9 come from rounding, and are ties on every engine. They are
  rounded as doubles, because DuckDB needs 2 microseconds to round one exact decimal.
#}
{% macro ranked_points(points) -%}
    cast({{ double(points) }} as decimal(28, 9))
{%- endmacro %}


{#
  The published score: exact points rounded half-up to a whole number, after differences below 1e-9
  are removed.

  26.4999999999 -> 27, 26.49 -> 26
#}
{% macro round_score(score_raw) -%}
    cast({{ round_half_up('round(' ~ score_raw ~ ', 9)') }} as integer)
{%- endmacro %}
