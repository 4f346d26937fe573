{# A date plus a number of days that comes from an expression, as a date; null if either is null. #}
{% macro add_days(date_expression, days_expression) -%}
    cast({{ dbt.dateadd('day', 'cast(' ~ days_expression ~ ' as integer)', date_expression) }} as date)
{%- endmacro %}


{# The first day that `account_score_history` has, from the as-of date. #}
{% macro first_history_day(as_of_date) -%}
    {{ add_days(as_of_date, '1 - ' ~ var('history_days')) }}
{%- endmacro %}


{# The day before everything. #}
{% macro first_day() -%}
    cast({{ start_of_time() }} as date)
{%- endmacro %}


{# The day after everything: where a stretch of time without an end ends. #}
{% macro last_day() -%}
    cast({{ end_of_time() }} as date)
{%- endmacro %}


{#
  How many halvings one silence is: 1 for a factor of 0.5, 0 for no silence rule, and for a factor of
  0 so many that nothing is left.
#}
{% macro silence_bits(silence_factor) -%}
    case
        when {{ silence_factor }} is null then {{ double('0') }}
        when {{ silence_factor }} = 0 then {{ double('2000') }}
        else -ln({{ double(silence_factor) }}) / ln({{ double('2') }})
    end
{%- endmacro %}


{#
  How often an account had been silent before a day on which it earned something, from the row of
  `int_silences` whose stretch of days the day is in; 0 without one.
#}
{% macro silences_before(silences, day) -%}
    coalesce(
        {{ silences }}.silences_before + greatest(
            floor(
                ({{ days_between(silences ~ '.engaged_on', day) }} - 1) * 1.0
                / {{ silences }}.silence_days
            ),
            0
        ),
        0
    )
{%- endmacro %}


{#
  How often an account has been silent by the end of a day, from the row of `int_silences` whose
  stretch of days the day is in; 0 without one.
#}
{% macro silences_by(silences, day) -%}
    coalesce(
        {{ silences }}.silences_before
        + floor({{ days_between(silences ~ '.engaged_on', day) }} * 1.0 / {{ silences }}.silence_days),
        0
    )
{%- endmacro %}
