{#
  True if a row with `counts_from` and `counts_until` is part of the score of a day: it is known by
  then, and not replaced yet. `counts_from` is never before the day of the event itself.
#}
{% macro counts_on(days, date) -%}
    {{ days }}.counts_from <= {{ date }}
    and ({{ days }}.counts_until is null or {{ days }}.counts_until > {{ date }})
{%- endmacro %}


{#
  True if a row of `int_earned_points`, called `earned`, counts at the end of a day. Breadth counts
  only with enough people: `has_breadth` of that day in `int_score_history`. Without `has_breadth`,
  that is left aside.
#}
{% macro earned_on(day, has_breadth=none) -%}
    earned.starts_on <= {{ day }}
    and earned.ends_on > {{ day }}
    {%- if has_breadth %}
    and (earned.entry_type <> 'breadth' or {{ has_breadth }})
    {%- endif %}
{%- endmacro %}
