{#
  One row per forecast date, scoring model, band and account tier, and one for all of them together:
  how many accounts are expected to become opportunities within the horizon, and for how much. The
  forecasts of past landmarks stand beside what came of them.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

forecast_accounts as (

    select * from {{ ref('int_forecast_accounts') }}

),

band_rates as (

    select * from {{ ref('int_band_rates') }}
    where outcome = 'opportunity_created'

),

tier_amounts as (

    select * from {{ ref('int_amounts_by_tier') }}

),

cell_counts as (

    select
        forecast_on,
        scoring_model,
        band,
        account_tier,
        count(*) as accounts,
        sum(opportunity_created) as actual_opportunities,
        sum(amount_usd) as actual_amount_usd

    from forecast_accounts
    group by forecast_on, scoring_model, band, account_tier

),

cells as (

    select
        cell_counts.*,
        band_rates.rate,
        band_rates.rate_variance,
        coalesce(band_rates.verdict, 'not enough data: no landmark was over by then') as verdict,
        tier_amounts.mean_usd,
        tier_amounts.amount_variance,
        tier_amounts.amounts

    from cell_counts
    left join band_rates
        on
            cell_counts.forecast_on = band_rates.forecast_on
            and cell_counts.scoring_model = band_rates.scoring_model
            and cell_counts.band = band_rates.band
    left join tier_amounts
        on
            cell_counts.forecast_on = tier_amounts.forecast_on
            and coalesce(cell_counts.account_tier, 0) = coalesce(tier_amounts.account_tier, 0)

),

cell_forecasts as (

    -- chance decides about each account; its band's rate and its tier's amount are estimates
    select
        *,
        accounts * rate as expected,
        accounts * rate * (1 - rate) as chance,
        accounts * rate * mean_usd as expected_usd,
        accounts * rate * (amount_variance + (1 - rate) * power(mean_usd, 2)) as chance_usd,
        accounts * mean_usd as usd_per_rate,
        amount_variance / amounts as mean_variance

    from cells

),

band_sums as (

    select
        forecast_on,
        scoring_model,
        band,
        max(rate_variance) as rate_variance,
        sum(accounts) as accounts,
        {{ exact_sum('usd_per_rate', 6) }} as usd_per_rate

    from cell_forecasts
    group by forecast_on, scoring_model, band

),

band_uncertainties as (

    select
        forecast_on,
        scoring_model,
        {{ exact_sum('rate_variance * power(accounts, 2)') }} as rate_uncertainty,
        {{ exact_sum('rate_variance * power(usd_per_rate, 2)', 2) }} as rate_uncertainty_usd

    from band_sums
    group by forecast_on, scoring_model

),

tier_sums as (

    select
        forecast_on,
        scoring_model,
        account_tier,
        max(mean_variance) as mean_variance,
        {{ exact_sum('expected') }} as expected

    from cell_forecasts
    group by forecast_on, scoring_model, account_tier

),

tier_uncertainties as (

    select
        forecast_on,
        scoring_model,
        {{ exact_sum('mean_variance * power(expected, 2)', 2) }} as mean_uncertainty_usd

    from tier_sums
    group by forecast_on, scoring_model

),

total_sums as (

    select
        forecast_on,
        scoring_model,
        sum(accounts) as accounts,
        sum(actual_opportunities) as actual_opportunities,
        sum(actual_amount_usd) as actual_amount_usd,
        {{ exact_sum('expected') }} as expected,
        {{ exact_sum('chance') }} as chance,
        {{ exact_sum('expected_usd', 6) }} as expected_usd,
        {{ exact_sum('chance_usd', 2) }} as chance_usd,
        -- "not enough ..." sorts after "enough data": one band without a rate, and there is no sum
        max(verdict) as verdict

    from cell_forecasts
    group by forecast_on, scoring_model

),

forecasts as (

    select
        forecast_on,
        scoring_model,
        band,
        account_tier,
        false as is_total,
        accounts,
        actual_opportunities,
        actual_amount_usd,
        expected,
        chance + power(accounts, 2) * rate_variance as variance_expected,
        expected_usd,
        chance_usd + power(usd_per_rate, 2) * rate_variance
        + power(expected, 2) * mean_variance as variance_usd,
        verdict

    from cell_forecasts

    union all

    select
        total_sums.forecast_on,
        total_sums.scoring_model,
        'all bands' as band,
        cast(null as integer) as account_tier,
        true as is_total,
        total_sums.accounts,
        total_sums.actual_opportunities,
        total_sums.actual_amount_usd,
        total_sums.expected,
        total_sums.chance + band_uncertainties.rate_uncertainty as variance_expected,
        total_sums.expected_usd,
        total_sums.chance_usd + band_uncertainties.rate_uncertainty_usd
        + tier_uncertainties.mean_uncertainty_usd as variance_usd,
        total_sums.verdict

    from total_sums
    inner join band_uncertainties
        on
            total_sums.forecast_on = band_uncertainties.forecast_on
            and total_sums.scoring_model = band_uncertainties.scoring_model
    inner join tier_uncertainties
        on
            total_sums.forecast_on = tier_uncertainties.forecast_on
            and total_sums.scoring_model = tier_uncertainties.scoring_model

),

known_forecasts as (

    -- what there is too little of is null
    select
        forecast_on,
        scoring_model,
        band,
        account_tier,
        is_total,
        accounts,
        actual_opportunities,
        actual_amount_usd,
        verdict,
        case when verdict = 'enough data' then expected end as expected,
        case when verdict = 'enough data' then {{ interval_reach('variance_expected') }} end
            as reach,
        case when verdict = 'enough data' then expected_usd end as expected_usd,
        case when verdict = 'enough data' then {{ interval_reach('variance_usd') }} end
            as reach_usd

    from forecasts

),

bounded as (

    select
        *,
        case when reach > expected then 0 else expected - reach end as expected_low,
        case when reach > accounts - expected then accounts else expected + reach end
            as expected_high,
        case when reach_usd > expected_usd then 0 else expected_usd - reach_usd end
            as expected_usd_low,
        expected_usd + reach_usd as expected_usd_high

    from known_forecasts

),

final as (

    select
        bounded.forecast_on,
        bounded.scoring_model,
        bounded.band,
        bounded.account_tier,
        bounded.is_total,
        bounded.forecast_on < as_of.as_of_date as is_backtest,
        {{ add_days('bounded.forecast_on', var('outcome_horizon_days')) }} as horizon_ends_on,
        cast(bounded.accounts as integer) as accounts,
        {{ measured('bounded.expected') }} as expected_opportunities,
        {{ measured('bounded.expected_low') }} as expected_opportunities_low,
        {{ measured('bounded.expected_high') }} as expected_opportunities_high,
        cast(bounded.actual_opportunities as integer) as actual_opportunities,
        cast(bounded.expected_usd as decimal(38, 2)) as expected_amount_usd,
        cast(bounded.expected_usd_low as decimal(38, 2)) as expected_amount_usd_low,
        cast(bounded.expected_usd_high as decimal(38, 2)) as expected_amount_usd_high,
        cast(bounded.actual_amount_usd as decimal(38, 2)) as actual_amount_usd,
        bounded.actual_opportunities >= bounded.expected_low
        and bounded.actual_opportunities <= bounded.expected_high as is_within_interval,
        bounded.verdict

    from bounded
    cross join as_of

)

select * from final
