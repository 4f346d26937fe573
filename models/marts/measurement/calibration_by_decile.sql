{#
  One row per scoring model, outcome and decile: how many accounts were expected to convert, by the
  rate of their band that was known on the landmark, and how many did.
#}
with

deciles as (

    select * from {{ ref('conversion_by_decile') }}

),

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

band_rates as (

    select * from {{ ref('int_band_rates') }}
    where verdict = 'enough data'

),

predicted as (

    select
        outcomes.scoring_model,
        outcomes.outcome,
        outcomes.decile,
        outcomes.account_id,
        outcomes.converted,
        band_rates.rate

    from outcomes
    inner join band_rates
        on
            outcomes.landmark_on = band_rates.forecast_on
            and outcomes.scoring_model = band_rates.scoring_model
            and outcomes.outcome = band_rates.outcome
            and outcomes.band = band_rates.band

),

decile_sums as (

    select
        scoring_model,
        outcome,
        decile,
        count(*) as n,
        count(distinct account_id) as accounts,
        sum(converted) as converted,
        {{ exact_sum('rate') }} as expected

    from predicted
    group by scoring_model, outcome, decile

),

totals as (

    select
        scoring_model,
        outcome,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from predicted
    group by scoring_model, outcome

),

judged as (

    select
        deciles.scoring_model,
        deciles.outcome,
        deciles.decile,
        decile_sums.expected,
        coalesce(decile_sums.n, 0) as n,
        coalesce(decile_sums.accounts, 0) as accounts,
        coalesce(decile_sums.converted, 0) as converted,
        {{ data_verdict(
            'coalesce(decile_sums.accounts, 0)', 'coalesce(totals.converted_accounts, 0)'
        ) }} as verdict

    from deciles
    left join decile_sums
        on
            deciles.scoring_model = decile_sums.scoring_model
            and deciles.outcome = decile_sums.outcome
            and deciles.decile = decile_sums.decile
    left join totals
        on
            deciles.scoring_model = totals.scoring_model
            and deciles.outcome = totals.outcome

),

measurable as (

    select
        *,
        case when verdict = 'enough data' then n end as trials,
        case when verdict = 'enough data' then converted end as successes

    from judged

),

final as (

    select
        scoring_model,
        outcome,
        decile,
        cast(n as integer) as n,
        cast(accounts as integer) as accounts,
        cast(converted as integer) as converted,
        {{ measured('expected / trials') }} as expected_rate,
        {{ measured(double('successes') ~ ' / trials') }} as rate,
        {{ measured(wilson_bound('-', 'successes', 'trials')) }} as rate_low,
        {{ measured(wilson_bound('+', 'successes', 'trials')) }} as rate_high,
        verdict

    from measurable

)

select * from final
