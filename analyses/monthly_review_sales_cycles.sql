-- Do opportunities of warm accounts close faster?
select
    band,
    opportunities,
    won,
    lost,
    still_open,
    median_days_to_won,
    median_days_to_lost,
    verdict

from {{ ref('sales_cycle_by_band') }}
where
    scoring_model = {{ primary_model() }}
order by band_order
