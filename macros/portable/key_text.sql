{#
  The parts of a key as one text that no other parts give: each with its length before it, so that
  no value can look like a separator. A null part counts as an empty one.
#}
{% macro key_text(expressions) -%}
    concat(
        {%- for expression in expressions -%}
        {%- set text -%} coalesce(cast({{ expression }} as {{ dbt.type_string() }}), '') {%- endset -%}
        length({{ text }}), ':', {{ text }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
