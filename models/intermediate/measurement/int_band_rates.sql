{#
  One row per forecast date, scoring model, outcome and band: the conversion rate that was known on
  that date, from landmarks whose windows were over by then. Forecast dates are the as-of date and,
  to test the forecasts, the landmarks.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

landmarks as (

    select * from {{ ref('int_landmarks') }}
    where is_complete

),

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

forecast_dates as (

    select landmark_on as forecast_on from landmarks
    union
    select as_of_date as forecast_on from as_of

),

known_landmarks as (

    select
        forecast_dates.forecast_on,
        landmarks.landmark_on

    from forecast_dates
    inner join landmarks on forecast_dates.forecast_on >= landmarks.horizon_ends_on

),

known_outcomes as (

    select
        known_landmarks.forecast_on,
        outcomes.scoring_model,
        outcomes.outcome,
        outcomes.band,
        outcomes.account_id,
        outcomes.converted

    from known_landmarks
    inner join outcomes on known_landmarks.landmark_on = outcomes.landmark_on

),

totals as (

    select
        forecast_on,
        scoring_model,
        outcome,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from known_outcomes
    group by forecast_on, scoring_model, outcome

),

band_sums as (

    select
        forecast_on,
        scoring_model,
        outcome,
        band,
        cast(count(*) as integer) as n,
        cast(count(distinct account_id) as integer) as accounts,
        cast(sum(converted) as integer) as converted

    from known_outcomes
    group by forecast_on, scoring_model, outcome, band

),

judged as (

    select
        band_sums.*,
        {{ data_verdict('band_sums.accounts', 'totals.converted_accounts') }} as verdict

    from band_sums
    inner join totals
        on
            band_sums.forecast_on = totals.forecast_on
            and band_sums.scoring_model = totals.scoring_model
            and band_sums.outcome = totals.outcome

),

final as (

    select
        forecast_on,
        scoring_model,
        outcome,
        band,
        n,
        accounts,
        converted,
        verdict,
        case when verdict = 'enough data' then {{ double('converted') }} / n end as rate,
        case
            when verdict = 'enough data' then {{ rate_variance('converted', 'n', 'accounts') }}
        end as rate_variance

    from judged

)

select * from final
