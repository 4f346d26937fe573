{#
  The value of a row of `int_earned_points`, called `earned`, at the end of a day: its points after
  decay and silence. No other macro computes decay or silence. `silences` is the number of silences of
  the account by the end of that day (`silence_count` of `int_silences`; null means none). It doesn't
  check whether the row counts on that day; `starts_on` and `ends_on` say so. Result: exact points
  (see `exact_points`).
#}
{% macro value_on(day, silences) -%}
    {{ exact_points(
        'earned.points * ' ~ decay_on(day) ~ ' * ' ~ silence_left(silences)
    ) }}
{%- endmacro %}


{#
  The share of one point of `earned` that is left after decay at the end of a day, a double from 0 to
  1. It is 1 until `decays_from`, then halves every `half_life_days` (exponential decay, 0.5 ^ (days /
  half-life)). After 500 half-lives, exact points are 0 anyway. PostgreSQL fails on products that are
  too small for a double.

  15 days after `decays_from` with a half-life of 30 days -> 0.7071
#}
{% macro decay_on(day) -%}
    case
        when {{ day }} > earned.decays_from
            then power(
                {{ double('0.5') }},
                least({{ days_between('earned.decays_from', day) }} / earned.half_life_days, 500)
            )
        else 1
    end
{%- endmacro %}


{#
  The share of one point of `earned` that is left after silences, a double from 0 to 1. Each silence
  of the account since the points were earned multiplies them by the scoring model's `silence_factor`.
  A share below e ^ -200 is 0, for the same reason as in `decay_on`.

  two silences since, factor 0.5 -> 0.25
#}
{% macro silence_left(silences) -%}
    case
        when {{ silences }} > earned.silences_before
            then case
                when
                    ({{ silences }} - earned.silences_before)
                    * ln(nullif(earned.silence_factor, 0)) < -200
                    then 0
                else power(earned.silence_factor, {{ silences }} - earned.silences_before)
            end
        else 1
    end
{%- endmacro %}
