-- An event belongs to one row of int_event_kinds, so it is one signal at most. Rows of one kind and
-- persona begin at different values; a kind has rows for anybody or rows for personas, never both.
select
    event_kind,
    min_value,
    count(*) as row_count

from {{ ref('int_event_kinds') }}
group by event_kind, min_value
having
    count(*) <> count(distinct coalesce(persona, ''))
    or count(persona) not in (0, count(*))
