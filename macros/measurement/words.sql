{# A share from 0 to 1 as a percentage with one decimal: 0.2535 -> '25.4 %'. #}
{% macro percent_text(expression) -%}
    cast(cast(100 * {{ expression }} as decimal(18, 1)) as {{ dbt.type_string() }}) || ' %'
{%- endmacro %}


{# A whole number as text. #}
{% macro integer_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}
