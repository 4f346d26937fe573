-- What will the next quarter bring, and how often were such forecasts right?
select
    forecast_on,
    horizon_ends_on,
    sum(accounts) as accounts,
    cast(sum(expected_opportunities) as decimal(9, 1)) as expected,
    sum(actual_opportunities) as actual,
    cast(sum(expected_amount_usd) / 1000000 as decimal(9, 2)) as expected_million_usd,
    cast(sum(actual_amount_usd) / 1000000 as decimal(9, 2)) as actual_million_usd

from {{ ref('pipeline_forecast') }}
where
    scoring_model = {{ primary_model() }}
group by forecast_on, horizon_ends_on
-- a sum that lacks a band isn't a forecast
having count(*) = count(expected_opportunities)
order by forecast_on
