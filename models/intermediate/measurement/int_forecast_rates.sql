{#
  One row per forecast date, scoring model and band: the rate of new opportunities known on that
  date. It uses the landmarks whose windows were over by then. Forecast dates are the as-of date and
  the landmarks; the landmarks show how good such forecasts were.
#}
with

landmarks as (

    select * from {{ ref('int_landmarks') }}

),

scores as (

    select * from {{ ref('int_landmark_scores') }}
    where is_used

),

known_outcomes as (

    select
        forecasts.landmark_on as forecast_on,
        scores.scoring_model,
        scores.band,
        scores.account_id,
        scores.opportunity_created

    from landmarks as forecasts
    inner join landmarks
        on landmarks.is_used and forecasts.landmark_on >= landmarks.horizon_ends_on
    inner join scores on landmarks.landmark_on = scores.landmark_on
    where forecasts.is_used or forecasts.is_as_of_date

),

totals as (

    select
        forecast_on,
        scoring_model,
        count(distinct case when opportunity_created = 1 then account_id end) as converted_accounts

    from known_outcomes
    group by forecast_on, scoring_model

),

counts as (

    -- every band has a row, also if no account was in it
    select
        totals.forecast_on,
        totals.scoring_model,
        bands.band,
        totals.converted_accounts,
        count(known_outcomes.account_id) as n,
        count(distinct known_outcomes.account_id) as accounts,
        sum(known_outcomes.opportunity_created) as converted

    from totals
    cross join {{ ref('score_bands') }} as bands
    left join known_outcomes
        on
            totals.forecast_on = known_outcomes.forecast_on
            and totals.scoring_model = known_outcomes.scoring_model
            and bands.band = known_outcomes.band
    group by totals.forecast_on, totals.scoring_model, bands.band, totals.converted_accounts

),

judged as (

    select
        *,
        {{ data_verdict('accounts', 'converted_accounts') }} as verdict

    from counts

),

final as (

    select
        forecast_on,
        scoring_model,
        band,
        verdict,
        {{ if_enough(double('converted') ~ ' / nullif(n, 0)') }} as rate

    from judged

)

select * from final
