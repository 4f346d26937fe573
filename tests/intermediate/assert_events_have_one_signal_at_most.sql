-- An event belongs to one row of int_event_kinds, so it is at most one signal. Rows of one kind and
-- persona begin at different values. A kind has rows that match anyone or rows for personas, never
-- both.
select
    event_kind,
    min_value,
    count(*) as row_count

from {{ ref('int_event_kinds') }}
group by event_kind, min_value
having
    count(*) <> count(distinct coalesce(persona, ''))
    or count(persona) not in (0, count(*))
