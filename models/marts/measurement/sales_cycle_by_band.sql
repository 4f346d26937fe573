{#
  One row per scoring model and band: how long it takes to win an opportunity whose account was in
  the band on the day it was created, by Kaplan and Meier.
#}
with

scoring_models as (

    select scoring_model from {{ ref('scoring_models') }}

),

bands as (

    select * from {{ ref('score_bands') }}

),

sales_cycles as (

    select * from {{ ref('int_sales_cycles') }}

),

counts as (

    select
        scoring_model,
        band,
        count(*) as opportunities,
        count(distinct account_id) as accounts,
        sum(case when outcome = 'won' then 1 else 0 end) as won,
        sum(case when outcome = 'lost' then 1 else 0 end) as lost,
        count(distinct case when outcome = 'won' then account_id end) as won_accounts

    from sales_cycles
    group by scoring_model, band

),

ends as (

    select
        scoring_model,
        band,
        watched_days,
        count(*) as ended,
        sum(case when outcome = 'won' then 1 else 0 end) as won

    from sales_cycles
    group by scoring_model, band, watched_days

),

at_risk as (

    select
        *,
        sum(ended) over (
            partition by scoring_model, band order by watched_days desc
            rows between unbounded preceding and current row
        ) as at_risk

    from ends

),

survival as (

    -- the product of (at_risk - won) / at_risk, from logarithms; 0 once all that are left are won
    select
        scoring_model,
        band,
        watched_days,
        case
            when
                min(at_risk - won) over (
                    partition by scoring_model, band order by watched_days
                    rows between unbounded preceding and current row
                ) = 0
                then 0
            else exp(
                sum(ln(nullif({{ double('at_risk - won') }} / at_risk, 0))) over (
                    partition by scoring_model, band order by watched_days
                    rows between unbounded preceding and current row
                )
            )
        end as not_yet_won,
        sum({{ double('won') }} / nullif(at_risk * (at_risk - won), 0)) over (
            partition by scoring_model, band order by watched_days
            rows between unbounded preceding and current row
        ) as greenwood

    from at_risk
    where won > 0

),

steps as (

    -- float noise must not move a curve that meets one half exactly
    select
        *,
        round(not_yet_won, 12) <= 0.5 as is_median_passed,
        lead(watched_days) over (
            partition by scoring_model, band order by watched_days
        ) as next_watched_days,
        case
            when not_yet_won > 0 and not_yet_won < 1
                then
                    abs(ln(-ln(not_yet_won)) - ln(-ln({{ double('0.5') }})))
                    <= {{ interval_width() }} * sqrt(greenwood) / -ln(not_yet_won)
            else false
        end as may_be_median

    from survival

),

medians as (

    select
        scoring_model,
        band,
        min(case when is_median_passed then watched_days end) as median_days,
        min(case when may_be_median then watched_days end) as median_low,
        max(case when may_be_median then watched_days end) as last_possible_days

    from steps
    group by scoring_model, band

),

upper_bounds as (

    select
        medians.scoring_model,
        medians.band,
        medians.median_days,
        medians.median_low,
        steps.next_watched_days as median_high

    from medians
    left join steps
        on
            medians.scoring_model = steps.scoring_model
            and medians.band = steps.band
            and medians.last_possible_days = steps.watched_days

),

judged as (

    select
        scoring_models.scoring_model,
        bands.band,
        bands.sort_order,
        coalesce(counts.opportunities, 0) as opportunities,
        coalesce(counts.accounts, 0) as accounts,
        coalesce(counts.won, 0) as won,
        coalesce(counts.lost, 0) as lost,
        upper_bounds.median_days,
        upper_bounds.median_low,
        upper_bounds.median_high,
        {{ data_verdict('coalesce(counts.accounts, 0)', 'coalesce(counts.won_accounts, 0)') }}
            as verdict

    from scoring_models
    cross join bands
    left join counts
        on
            scoring_models.scoring_model = counts.scoring_model
            and bands.band = counts.band
    left join upper_bounds
        on
            scoring_models.scoring_model = upper_bounds.scoring_model
            and bands.band = upper_bounds.band

),

final as (

    select
        scoring_model,
        band,
        sort_order,
        cast(opportunities as integer) as opportunities,
        cast(accounts as integer) as accounts,
        cast(won as integer) as won,
        cast(lost as integer) as lost,
        cast(opportunities - won - lost as integer) as still_open,
        case when verdict = 'enough data' then median_days end as median_days_to_won,
        case when verdict = 'enough data' then median_low end as median_days_low,
        case when verdict = 'enough data' then median_high end as median_days_high,
        verdict

    from judged

)

select * from final
