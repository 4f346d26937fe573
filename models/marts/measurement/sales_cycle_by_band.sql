{#
  One row per scoring model and band: how many opportunities were created in the band, and how long
  the closed ones took. Medians cover closed opportunities only, so they are short while slow ones
  are open; the review takes open ones into account.
#}
with

cycles as (

    select * from {{ ref('int_sales_cycles') }}

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
        scoring_model,
        band,
        count(*) as opportunities,
        count(distinct account_id) as accounts,
        sum(case when outcome = 'won' then 1 else 0 end) as won,
        sum(case when outcome = 'lost' then 1 else 0 end) as lost,
        percentile_cont(0.5) within group (
            order by case when outcome = 'won' then cycle_days end
        ) as median_days_to_won,
        percentile_cont(0.5) within group (
            order by case when outcome = 'lost' then cycle_days end
        ) as median_days_to_lost

    from cycles
    group by scoring_model, band

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
        case
            when verdict = 'enough data' and won >= {{ var('measurement_min_conversions') }}
                then cast(median_days_to_won as decimal(9, 1))
        end as median_days_to_won,
        case
            when verdict = 'enough data' and lost >= {{ var('measurement_min_conversions') }}
                then cast(median_days_to_lost as decimal(9, 1))
        end as median_days_to_lost,
        verdict

    from judged

)

select * from final
