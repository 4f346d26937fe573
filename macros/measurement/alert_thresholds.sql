{#
  The thresholds of the active alert rules, as a select with one row per threshold and the roles it
  notifies. They are rounded up, because scores are whole numbers and an alert fires at its threshold.
#}
{% macro alert_thresholds() -%}
    select
        cast(ceil(threshold) as integer) as threshold,
        {{ ordered_text('notify_role') }} as notify_roles

    from {{ ref('alert_rules') }}
    where kind = 'threshold' and is_active
    group by ceil(threshold)
{%- endmacro %}
