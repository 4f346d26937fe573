{# A date plus a number of days from an expression, as a date. Null if either is null. #}
{% macro add_days(date_expression, days_expression) -%}
    cast({{ dbt.dateadd('day', 'cast(' ~ days_expression ~ ' as integer)', date_expression) }} as date)
{%- endmacro %}


{# The first day in `account_score_history`, for an as-of date. #}
{% macro first_history_day(as_of_date) -%}
    {{ add_days(as_of_date, '1 - ' ~ var('history_days')) }}
{%- endmacro %}


{# The first day that `score_changes` can have, for an as-of date: it has the history's days only. #}
{% macro first_journal_day(as_of_date) -%}
    greatest(
        {{ add_days(as_of_date, '-' ~ var('journal_days')) }}, {{ first_history_day(as_of_date) }}
    )
{%- endmacro %}


{# A day before all others. #}
{% macro first_day() -%}
    cast({{ start_of_time() }} as date)
{%- endmacro %}


{# A day after all others, the end of ranges without an end. #}
{% macro last_day() -%}
    cast({{ end_of_time() }} as date)
{%- endmacro %}


{#
  The day of the reset that takes rows of `int_daily_points` away. Without a reset, a day after all
  others.
#}
{% macro kept_until(daily_points='') -%}
    coalesce({{ daily_points ~ '.' if daily_points }}reset_on, {{ last_day() }})
{%- endmacro %}


{# The date `days` after another. If `days` is null, a day after all others. #}
{% macro days_after(date, days) -%}
    coalesce({{ add_days(date, days) }}, {{ last_day() }})
{%- endmacro %}


{# The last day at full value. With a null half-life, points never decay. #}
{% macro decay_start(occurred_on, full_value_days, half_life_days) -%}
    case
        when {{ half_life_days }} is null then {{ last_day() }}
        else {{ add_days(occurred_on, full_value_days) }}
    end
{%- endmacro %}


{# The half-life of a row of `scoring_models` in days. Null means no decay. #}
{% macro model_half_life(scoring_models) -%}
    case
        when {{ scoring_models }}.decay_function = 'exponential'
            then {{ scoring_models }}.half_life_days
    end
{%- endmacro %}


{# True for the last day of a month. #}
{% macro is_month_end(date) -%}
    extract(day from {{ add_days(date, '1') }}) = 1
{%- endmacro %}


{#
  What the history of an account was computed from, as text. That is the rules, the length of the
  history, and what was known by the end of `day`. `points` are its rows of `int_daily_points`,
  `contacts` their people.
#}
{% macro history_state(day) -%}
    {%- set known = row_hash([
        'points.person_id', 'points.signal', 'points.occurred_on', 'points.counts_from',
        'points.first_known_on', 'points.event_count', 'contacts.persona_weight',
        'case when points.counts_until <= ' ~ day ~ ' then points.counts_until end',
        'case when points.reset_on <= ' ~ day ~ ' then points.reset_on end',
    ]) -%}
    {{ key_text([
        'max(config.history_version)', "'" ~ var('history_days') ~ "'",
        'sum(case when points.counts_from <= ' ~ day
        ~ ' then cast(' ~ known ~ ' as decimal(38, 0)) end)',
    ]) }}
{%- endmacro %}
