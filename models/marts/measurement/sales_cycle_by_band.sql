{#
  One row per scoring model and band: how many opportunities were created in the band, and how long
  the closed ones took. Medians cover closed opportunities only, so they are short; the review
  estimates how long all of them take.
#}
with

opportunities as (

    -- opportunities closed after the as-of date are open on that day
    select
        opportunities.account_id,
        opportunities.created_on,
        case
            when opportunities.closed_on <= as_of.as_of_date then opportunities.outcome
            else 'open'
        end as outcome,
        -- closed before it was created: counts as 0 days
        greatest({{ days_between('opportunities.created_on', 'opportunities.closed_on') }}, 0)
            as cycle_days

    from {{ ref('int_opportunities') }} as opportunities
    inner join {{ ref('int_as_of_date') }} as as_of
        on opportunities.created_on <= as_of.as_of_date

),

history as (

    -- other scoring models than the primary one have month ends only
    select history.*
    from {{ ref('account_score_history') }} as history
    inner join {{ ref('scoring_models') }} as scoring_models
        on history.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

),

bands as (

    select
        scoring_models.scoring_model,
        bands.band,
        bands.sort_order as band_order

    from {{ ref('score_bands') }} as bands
    inner join {{ ref('scoring_models') }} as scoring_models on scoring_models.is_primary

),

counts as (

    select
        history.scoring_model,
        history.band,
        count(*) as opportunities,
        count(distinct opportunities.account_id) as accounts,
        sum(case when opportunities.outcome = 'won' then 1 else 0 end) as won,
        sum(case when opportunities.outcome = 'lost' then 1 else 0 end) as lost,
        percentile_cont(0.5) within group (
            order by case when opportunities.outcome = 'won' then opportunities.cycle_days end
        ) as median_days_to_won,
        percentile_cont(0.5) within group (
            order by case when opportunities.outcome = 'lost' then opportunities.cycle_days end
        ) as median_days_to_lost

    from opportunities
    inner join history
        on
            opportunities.account_id = history.account_id
            and opportunities.created_on = history.score_date
    group by history.scoring_model, history.band

),

judged as (

    select
        bands.*,
        cast(coalesce(counts.opportunities, 0) as integer) as opportunities,
        cast(coalesce(counts.accounts, 0) as integer) as accounts,
        cast(coalesce(counts.won, 0) as integer) as won,
        cast(coalesce(counts.lost, 0) as integer) as lost,
        counts.median_days_to_won,
        counts.median_days_to_lost,
        {{ data_verdict('coalesce(counts.accounts, 0)') }} as verdict

    from bands
    left join counts
        on bands.scoring_model = counts.scoring_model and bands.band = counts.band

),

final as (

    select
        scoring_model,
        band,
        band_order,
        opportunities,
        accounts,
        won,
        lost,
        opportunities - won - lost as still_open,
        case when verdict = 'enough data' then cast(median_days_to_won as decimal(9, 1)) end
            as median_days_to_won,
        case when verdict = 'enough data' then cast(median_days_to_lost as decimal(9, 1)) end
            as median_days_to_lost,
        verdict

    from judged

)

select * from final
