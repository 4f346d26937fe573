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

    -- like the rate, the mean is over accounts and landmarks. A deal without an amount counts as 0,
    -- as it does in the actual amount. Tier 0: accounts without a tier.
    select
        forecasts.landmark_on as forecast_on,
        coalesce(landmark_accounts.account_tier, 0) as tier,
        {{ double('coalesce(landmark_accounts.amount_usd, 0)') }} as amount_usd,
        case when landmark_accounts.amount_usd is not null then landmark_accounts.account_id end
            as account_with_amount

    from landmarks as forecasts
    inner join landmarks
        on landmarks.is_used and forecasts.landmark_on >= landmarks.horizon_ends_on
    inner join {{ ref('int_landmark_accounts') }} as landmark_accounts
        on landmarks.landmark_on = landmark_accounts.landmark_on
    where landmark_accounts.opportunity_created = 1

),

tier_means as (

    select
        forecast_on,
        tier,
        sum(amount_usd) / count(*) as mean_usd

    from amounts
    group by forecast_on, tier
    having count(distinct account_with_amount) >= {{ var('measurement_min_conversions') }}

),

all_means as (

    -- for tiers with too few amounts
    select
        forecast_on,
        sum(amount_usd) / count(*) as mean_usd

    from amounts
    group by forecast_on
    having count(distinct account_with_amount) >= {{ var('measurement_min_conversions') }}

),

forecasts as (

    select
        cells.*,
        coalesce(tier_means.mean_usd, all_means.mean_usd) as mean_usd

    from cells
    left join tier_means
        on
            cells.forecast_on = tier_means.forecast_on
            and coalesce(cells.account_tier, 0) = tier_means.tier
    left join all_means on cells.forecast_on = all_means.forecast_on

),

final as (

    select
        forecasts.forecast_on,
        forecasts.scoring_model,
        forecasts.band,
        bands.sort_order as band_order,
        forecasts.account_tier,
        not forecasts.is_as_of_date as is_backtest,
        {{ add_days('forecasts.forecast_on', var('outcome_horizon_days')) }} as horizon_ends_on,
        cast(forecasts.accounts as integer) as accounts,
        forecast_rates.rate,
        {{ measured('forecasts.accounts * ' ~ double('forecast_rates.rate')) }}
            as expected_opportunities,
        cast(forecasts.actual_opportunities as integer) as actual_opportunities,
        cast(forecasts.mean_usd as decimal(38, 2)) as mean_amount_usd,
        cast(
            forecasts.accounts * {{ double('forecast_rates.rate') }} * forecasts.mean_usd
            as decimal(38, 2)
        ) as expected_amount_usd,
        cast(forecasts.actual_amount_usd as decimal(38, 2)) as actual_amount_usd,
        coalesce(forecast_rates.verdict, 'not enough data: no landmark was over by then')
            as verdict

    from forecasts
    inner join {{ ref('score_bands') }} as bands on forecasts.band = bands.band
    left join forecast_rates
        on
            forecasts.forecast_on = forecast_rates.forecast_on
            and forecasts.scoring_model = forecast_rates.scoring_model
            and forecasts.band = forecast_rates.band

)

select * from final
