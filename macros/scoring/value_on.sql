{#
  What a row of `int_earned_points`, called `earned`, is worth at the end of a day: its points, what
  decay leaves of them, and what silence leaves of that. The only place where either is computed.
  `silences` is how often the account had been silent by the end of that day (`silence_count` of
  `int_silences`; null: never). Whether the row counts on that day at all is up to `starts_on` and
  `ends_on`. Result: exact points (see `exact_points`).
#}
{% macro value_on(day, silences) -%}
    {{ exact_points(
        'earned.points * ' ~ decay_on(day) ~ ' * ' ~ silence_left(silences)
    ) }}
{%- endmacro %}


{#
  What decay leaves of one point of `earned` at the end of a day, a double from 0 to 1: whole until
  `decays_from`, then half of it every `half_life_days` (exponential decay, 0.5 ^ (days /
  half-life)). Beyond a thousand half-lives a double holds nothing anyway.

  15 days after `decays_from` with a half-life of 30 days -> 0.7071
#}
{% macro decay_on(day) -%}
    case
        when {{ day }} > earned.decays_from
            then power(
                {{ double('0.5') }},
                least({{ days_between('earned.decays_from', day) }} / earned.half_life_days, 1000)
            )
        else 1
    end
{%- endmacro %}


{#
  What silence leaves of one point of `earned`, a double from 0 to 1: each silence of the account
  since the points were earned multiplies them by the scoring model's `silence_factor`.

  two silences since, factor 0.5 -> 0.25
#}
{% macro silence_left(silences) -%}
    case
        when {{ silences }} > earned.silences_before
            then power(earned.silence_factor, {{ silences }} - earned.silences_before)
        else 1
    end
{%- endmacro %}
