{#
  True if a row with `counts_from` and `counts_until` is part of the score of a day: it is known by
  then, and not replaced yet. `counts_from` is never before the day of the event itself.
#}
{% macro counts_on(days, date) -%}
    {{ days }}.counts_from <= {{ date }}
    and ({{ days }}.counts_until is null or {{ days }}.counts_until > {{ date }})
{%- endmacro %}
