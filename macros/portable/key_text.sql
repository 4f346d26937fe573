{#
  The parts of a key as one text that no other parts produce. Each part has its length before it, so
  no value can look like a separator. A null part counts as empty.
#}
{% macro key_text(expressions) -%}
    concat(
        {%- for expression in expressions -%}
        {%- set text -%} coalesce(cast({{ expression }} as {{ dbt.type_string() }}), '') {%- endset -%}
        length({{ text }}), ':', {{ text }}{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
