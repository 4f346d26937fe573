{#
  Points as decimal(38, 15): sums of decimals are the same in any order and on any number of
  threads, so ledger rows add up to the score exactly, and a rerun changes nothing.
#}
{% macro exact_points(expression) -%}
    cast({{ expression }} as decimal(38, 15))
{%- endmacro %}


{#
  Points as the history keeps them, decimal(18, 10): ten decimals are far finer than what shows and
  far coarser than what running sums leave behind, and take half the room.
#}
{% macro history_points(expression) -%}
    cast({{ expression }} as decimal(18, 10))
{%- endmacro %}


{#
  The published score: exact points rounded half-up to a whole number, after float noise below 1e-9
  is removed.

  26.4999999999 -> 27, 26.49 -> 26
#}
{% macro round_score(score_raw) -%}
    cast({{ round_half_up('round(' ~ score_raw ~ ', 9)') }} as integer)
{%- endmacro %}


{#
  What a combination adds to the points that its two signals bring themselves: a pair is worth
  `pair_points` in total, and never less than its signals.

  10, 5 and 3 -> 2
#}
{% macro missing_points(pair_points, first_points, second_points) -%}
    greatest({{ pair_points }} - {{ first_points }} - {{ second_points }}, 0)
{%- endmacro %}
