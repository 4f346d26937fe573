{# Var `as_of_date` as text, "" if it is empty; ends the run if it is not a date written YYYY-MM-DD. #}
{% macro as_of_date_var() %}
    {% set as_of_date = var('as_of_date') | string | trim %}
    {% if as_of_date and not modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}$', as_of_date) %}
        {% do exceptions.raise_compiler_error(
            "Var as_of_date is '" ~ as_of_date ~ "'. Write it as YYYY-MM-DD, for example 2026-05-31."
        ) %}
    {% endif %}
    {% do return(as_of_date) %}
{% endmacro %}
