{#
  An amount as an exact decimal, so that sums are the same in any order. Null if there is none, or if
  it is a trillion or more, which no deal is worth.
#}
{% macro usd(expression) -%}
    case
        when abs({{ expression }}) < 1e12 then cast({{ expression }} as decimal(38, 2))
    end
{%- endmacro %}
