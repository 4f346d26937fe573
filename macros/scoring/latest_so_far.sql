{#
  A select of the rows of a CTE that are the latest so far, in the order in which they begin to count.
  `rows` has the columns of `keys`, `starts_on`, `kept_until` (the day of its reset, or a day after all
  others) and the day in column `happened_on`. A row that began to count after a later one is left
  out, unless it is kept longer. `replaced_on` is the day on which the next row begins to count, or a
  day after all others.
#}
{% macro latest_so_far(rows, keys, happened_on) -%}
    {%- set order_of_rows -%}
        partition by {{ keys | join(', ') }} order by starts_on, {{ happened_on }}, kept_until
    {%- endset -%}
    {%- set earlier -%}
        ({{ order_of_rows }} rows between unbounded preceding and 1 preceding)
    {%- endset -%}
    select
        *,
        lead(starts_on, 1, {{ last_day() }}) over ({{ order_of_rows }}) as replaced_on

    from (
        select
            *,
            max({{ happened_on }}) over {{ earlier }} as latest_before,
            max(kept_until) over {{ earlier }} as kept_before

        from {{ rows }}
    ) as ranked
    where
        latest_before is null
        or {{ happened_on }} > latest_before
        or kept_until > kept_before
{%- endmacro %}
