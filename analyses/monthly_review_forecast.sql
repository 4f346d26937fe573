-- What will the next quarter bring, and how often was that right?
select
    forecast_on,
    horizon_ends_on,
    accounts,
    cast(expected_opportunities as decimal(9, 1)) as expected,
    cast(expected_opportunities_low as decimal(9, 1)) as low,
    cast(expected_opportunities_high as decimal(9, 1)) as high,
    actual_opportunities as actual,
    cast(expected_amount_usd / 1000000 as decimal(9, 2)) as expected_million_usd,
    cast(actual_amount_usd / 1000000 as decimal(9, 2)) as actual_million_usd

from {{ ref('pipeline_forecast') }}
where
    is_total
    and verdict = 'enough data'
    and scoring_model = (
        select scoring_model from {{ ref('scoring_models') }} where is_primary
    )
order by forecast_on
