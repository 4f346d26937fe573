-- Do warmer bands become opportunities more often?
select
    band,
    n,
    accounts,
    converted,
    cast(100 * rate as decimal(5, 1)) as rate_percent,
    cast(100 * rate_low as decimal(5, 1)) as low,
    cast(100 * rate_high as decimal(5, 1)) as high,
    cast(lift as decimal(5, 2)) as lift,
    verdict

from {{ ref('conversion_by_band') }}
where
    outcome = 'opportunity_created'
    and scoring_model = {{ primary_model() }}
order by band_order
