-- How many accounts are in each band, and where did they come from?
with

distribution as (

    select
        *,
        lag(accounts) over (partition by scoring_model, band order by month_on) as accounts_before,
        month_on = max(month_on) over () as is_newest

    from {{ ref('band_distribution') }}
    where is_complete

),

bands as (

    select * from {{ ref('score_bands') }}

),

arrivals as (

    select
        transitions.month_on,
        transitions.scoring_model,
        transitions.to_band as band,
        sum(
            case when from_bands.sort_order < to_bands.sort_order then transitions.accounts end
        ) as warmed_up,
        sum(
            case when from_bands.sort_order > to_bands.sort_order then transitions.accounts end
        ) as cooled_down

    from {{ ref('band_transitions') }} as transitions
    inner join bands as from_bands on transitions.from_band = from_bands.band
    inner join bands as to_bands on transitions.to_band = to_bands.band
    group by transitions.month_on, transitions.scoring_model, transitions.to_band

),

final as (

    select
        distribution.last_day_on,
        distribution.band,
        distribution.accounts,
        cast(100 * distribution.share as decimal(5, 1)) as share_percent,
        distribution.accounts_before as accounts_a_month_before,
        coalesce(arrivals.warmed_up, 0) as came_from_colder,
        coalesce(arrivals.cooled_down, 0) as came_from_hotter

    from distribution
    left join arrivals
        on
            distribution.month_on = arrivals.month_on
            and distribution.scoring_model = arrivals.scoring_model
            and distribution.band = arrivals.band
    where
        distribution.scoring_model = {{ primary_model() }}
        and distribution.is_newest
    order by distribution.band_order

)

select * from final
