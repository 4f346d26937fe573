{#
  An amount as exact decimals, so that sums are the same in any order. Null: none, or beyond a
  trillion, which no deal is.
#}
{% macro usd(expression) -%}
    case
        when abs({{ expression }}) < 1e12 then cast({{ expression }} as decimal(38, 2))
    end
{%- endmacro %}
