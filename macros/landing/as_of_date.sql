{#
  Var `as_of_date` as text, or "" if it is empty. Stops the run if it isn't a day, or is a day on
  which no row can have been loaded yet. Scores of a future day would be published, and every later
  build would be in its past.
#}
{% macro as_of_date_var() %}
    {% set as_of_date = day_var('as_of_date') %}
    {% if as_of_date > latest_load_day() %}
        {% do exceptions.raise_compiler_error(
            "Var as_of_date is '" ~ as_of_date ~ "', but no row can have been loaded after "
            ~ latest_load_day() ~ ". Use an earlier day. To try a future day, set var latest_load_date to it "
            ~ "as well, and use a separate database, because its scores are published."
        ) %}
    {% endif %}
    {% do return(as_of_date) %}
{% endmacro %}


{# A var as text, or "" if it is empty. Stops the run if it isn't a day written as YYYY-MM-DD. #}
{% macro day_var(name) %}
    {% set text = var(name) | string | trim %}
    {% set day_pattern = '[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' %}
    {% if text and not modules.re.match(day_pattern, text) %}
        {% do exceptions.raise_compiler_error(
            'Var ' ~ name ~ " is '" ~ text ~ "'. Write it as YYYY-MM-DD, for example 2026-05-31."
        ) %}
    {% endif %}
    {% if text %}
        {# counted from the first of its month, a day that doesn't exist is in the next month #}
        {% set first = modules.datetime.date(text[:4] | int, text[5:7] | int, 1) %}
        {% set counted = first + modules.datetime.timedelta(days=text[8:] | int - 1) %}
        {% if counted.month != first.month %}
            {% do exceptions.raise_compiler_error(
                'Var ' ~ name ~ " is '" ~ text ~ "', but there is no such day."
            ) %}
        {% endif %}
    {% endif %}
    {% do return(text) %}
{% endmacro %}
