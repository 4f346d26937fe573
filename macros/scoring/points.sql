{#
  Points as decimal(38, 15): sums of decimals are the same in any order and on any number of
  threads, so ledger rows add up to the score exactly, and a rerun changes nothing.
#}
{% macro exact_points(expression) -%}
    cast({{ expression }} as decimal(38, 15))
{%- endmacro %}


{# Exact points for people and spreadsheets: two decimals, which need not add up. #}
{% macro rounded_points(expression) -%}
    cast({{ expression }} as decimal(18, 2))
{%- endmacro %}


{#
  Points to rank by: what is equal but for the noise of the arithmetic, below 1e-9, is a tie on every
  engine. Rounded as a double: DuckDB takes 2 microseconds to round one exact decimal.
#}
{% macro ranked_points(points) -%}
    cast({{ double(points) }} as decimal(28, 9))
{%- endmacro %}


{#
  The published score: exact points rounded half-up to a whole number, after float noise below 1e-9
  is removed.

  26.4999999999 -> 27, 26.49 -> 26
#}
{% macro round_score(score_raw) -%}
    cast({{ round_half_up('round(' ~ score_raw ~ ', 9)') }} as integer)
{%- endmacro %}
