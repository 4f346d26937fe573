-- Which scoring model should be the primary?
select
    other_scoring_model,
    measure,
    detail,
    cast(value as decimal(9, 3)) as value,
    cast(primary_value as decimal(9, 3)) as primary_value,
    cast(other_value as decimal(9, 3)) as other_value,
    cast(difference as decimal(9, 3)) as difference,
    cast(difference_low as decimal(9, 3)) as low,
    cast(difference_high as decimal(9, 3)) as high

from {{ ref('scoring_model_comparison') }}
where measure <> 'band_movement' or value > 0
order by other_scoring_model, measure, detail_order
