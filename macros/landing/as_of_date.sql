{#
  Var `as_of_date` as text, "" if it is empty; ends the run if it is no day, or one on which no row
  can have been loaded yet: its scores would be published, and all later builds would be looks back.
#}
{% macro as_of_date_var() %}
    {% set as_of_date = day_var('as_of_date') %}
    {% if as_of_date > latest_load_day() %}
        {% do exceptions.raise_compiler_error(
            "Var as_of_date is '" ~ as_of_date ~ "', but no row can have been loaded after "
            ~ latest_load_day() ~ ". Give an earlier day, or that day as var latest_load_date, too, in "
            ~ "a database of its own: its scores are published."
        ) %}
    {% endif %}
    {% do return(as_of_date) %}
{% endmacro %}


{# A var as text, "" if it is empty; ends the run if it is no day written YYYY-MM-DD. #}
{% macro day_var(name) %}
    {% set text = var(name) | string | trim %}
    {% set day_pattern = '[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' %}
    {% if text and not modules.re.match(day_pattern, text) %}
        {% do exceptions.raise_compiler_error(
            'Var ' ~ name ~ " is '" ~ text ~ "'. Write it as YYYY-MM-DD, for example 2026-05-31."
        ) %}
    {% endif %}
    {% do return(text) %}
{% endmacro %}
