-- Multiplying the factors of a ledger row gives its points.
select *
from {{ ref('score_ledger') }}
where
    entry_type in ('event', 'combination', 'breadth')
    and abs(base_points * event_count * persona_weight * decay_factor - points)
    > 0.000001 * greatest(abs(points), 1)
