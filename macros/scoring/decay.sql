{#
  What is left of one point after `age_days`: 1 for `full_value_days`, then half of it every
  `half_life_days` (exponential decay, 0.5 ^ (days / half-life)), and 0 from `lookback_days` on. A
  null half-life: no decay; a null look-back: never 0. Result: a double from 0 to 1.

  {{ decay_factor('45', '30', '30', '180') }} -> 0.7071
  (half a half-life after the full value ended)
#}
{% macro decay_factor(age_days, full_value_days, half_life_days, lookback_days) -%}
    case
        when {{ age_days }} >= {{ lookback_days }} then {{ double('0') }}
        else {{ decay_after(age_days ~ ' - ' ~ full_value_days, half_life_days) }}
    end
{%- endmacro %}


{#
  What is left of one point after it has decayed for `decay_days`; whole before, or with a null
  half-life. Result: a double from 0 to 1.

  {{ decay_after('15', '30') }} -> 0.7071
#}
{% macro decay_after(decay_days, half_life_days) -%}
    case
        when {{ decay_days }} <= 0 or {{ half_life_days }} is null then {{ double('1') }}
        -- beyond a thousand half-lives nothing is left that a double can hold
        when {{ decay_days }} > 1000 * {{ half_life_days }} then {{ double('0') }}
        else power({{ double('0.5') }}, {{ double(decay_days) }} / {{ double(half_life_days) }})
    end
{%- endmacro %}


{# The half-life of a row of `scoring_models` in days; null: no decay. #}
{% macro model_half_life(scoring_models) -%}
    case
        when {{ scoring_models }}.decay_function = 'exponential'
            then {{ scoring_models }}.half_life_days
    end
{%- endmacro %}


{#
  True where a row with occurred or completed day, `counts_from` and `counts_until` is part of the
  score of a day: known by then and not yet replaced. `counts_from` is never before the day of the
  event itself.
#}
{% macro counts_on(days, date) -%}
    {{ days }}.counts_from <= {{ date }}
    and ({{ days }}.counts_until is null or {{ days }}.counts_until > {{ date }})
{%- endmacro %}
