{#
  One row per forecast date, scoring model, band and account tier: how many accounts should become
  opportunities within the horizon, and for what amount. Forecasts of past landmarks are shown
  beside their results. The review gives the interval of the sum.
#}
with

forecast_rates as (

    select * from {{ ref('int_forecast_rates') }}

),

landmarks as (

    select * from {{ ref('int_landmarks') }}

),

cells as (

    select
        landmark_on as forecast_on,
        scoring_model,
        band,
        account_tier,
        is_as_of_date,
        count(*) as accounts,
        sum(opportunity_created) as actual_opportunities,
        -- null: the horizon isn't over
        sum(case when is_used then coalesce(amount_usd, 0) end) as actual_amount_usd

    from {{ ref('int_landmark_scores') }}
    group by landmark_on, scoring_model, band, account_tier, is_as_of_date

),

amounts as (

    -- an opportunity can be the outcome of several landmarks, but its amount counts once
    select distinct
        forecasts.landmark_on as forecast_on,
        landmark_accounts.account_tier,
        landmark_accounts.account_id,
        landmark_accounts.amount_usd

    from landmarks as forecasts
    inner join landmarks
        on landmarks.is_used and forecasts.landmark_on >= landmarks.horizon_ends_on
    inner join {{ ref('int_landmark_accounts') }} as landmark_accounts
        on landmarks.landmark_on = landmark_accounts.landmark_on
    where landmark_accounts.amount_usd is not null

),

tier_amounts as (

    select
        forecast_on,
        account_tier,
        count(*) as amounts,
        {{ double('sum(amount_usd)') }} / count(*) as mean_usd,
        sum(count(*)) over (partition by forecast_on) as all_amounts,
        {{ double('sum(sum(amount_usd)) over (partition by forecast_on)') }}
        / sum(count(*)) over (partition by forecast_on) as all_mean_usd

    from amounts
    group by forecast_on, account_tier

),

tiers as (

    select distinct
        forecast_on,
        account_tier

    from cells

),

mean_amounts as (

    -- the mean of all tiers if the tier has too few amounts
    select
        tiers.forecast_on,
        tiers.account_tier,
        coalesce(
            max(case
                when
                    tier_amounts.account_tier = tiers.account_tier
                    and tier_amounts.amounts >= {{ var('measurement_min_conversions') }}
                    then tier_amounts.mean_usd
            end),
            max(case
                when tier_amounts.all_amounts >= {{ var('measurement_min_conversions') }}
                    then tier_amounts.all_mean_usd
            end)
        ) as mean_usd

    from tiers
    left join tier_amounts on tiers.forecast_on = tier_amounts.forecast_on
    group by tiers.forecast_on, tiers.account_tier

),

final as (

    select
        cells.forecast_on,
        cells.scoring_model,
        cells.band,
        bands.sort_order as band_order,
        cells.account_tier,
        not cells.is_as_of_date as is_backtest,
        {{ add_days('cells.forecast_on', var('outcome_horizon_days')) }} as horizon_ends_on,
        cast(cells.accounts as integer) as accounts,
        forecast_rates.rate,
        {{ measured('cells.accounts * ' ~ double('forecast_rates.rate')) }}
            as expected_opportunities,
        cast(cells.actual_opportunities as integer) as actual_opportunities,
        cast(mean_amounts.mean_usd as decimal(38, 2)) as mean_amount_usd,
        cast(
            cells.accounts * {{ double('forecast_rates.rate') }} * mean_amounts.mean_usd
            as decimal(38, 2)
        ) as expected_amount_usd,
        cast(cells.actual_amount_usd as decimal(38, 2)) as actual_amount_usd,
        coalesce(forecast_rates.verdict, 'not enough data: no landmark was over by then')
            as verdict

    from cells
    inner join {{ ref('score_bands') }} as bands on cells.band = bands.band
    left join forecast_rates
        on
            cells.forecast_on = forecast_rates.forecast_on
            and cells.scoring_model = forecast_rates.scoring_model
            and cells.band = forecast_rates.band
    left join mean_amounts
        on
            cells.forecast_on = mean_amounts.forecast_on
            and coalesce(cells.account_tier, 0) = coalesce(mean_amounts.account_tier, 0)

)

select * from final
