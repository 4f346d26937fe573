{# Marts are masked when they are published (engagement/privacy.py), so these change nothing. #}
{% macro masked(expression) -%} {{ expression }} {%- endmacro %}
{% macro shown_name(name, person_id) -%} {{ name }} {%- endmacro %}
{% macro hidden(expression) -%} {{ expression }} {%- endmacro %}
