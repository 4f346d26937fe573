{# A share from 0 to 1 as a percentage with one decimal: 0.2535 -> '25.4 %'. #}
{% macro percent_text(expression) -%}
    cast(cast(100 * {{ expression }} as decimal(18, 1)) as {{ dbt.type_string() }}) || ' %'
{%- endmacro %}


{# A whole number as text. #}
{% macro integer_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}


{# A number as text with two decimals: 1.8174 -> '1.82'. #}
{% macro number_text(expression) -%}
    cast(cast({{ expression }} as decimal(18, 2)) as {{ dbt.type_string() }})
{%- endmacro %}
