{#
  One row per month, scoring model and band: how many prospect accounts were in the band at the end
  of the month.
#}
with

months as (

    select * from {{ ref('int_months') }}

),

scoring_models as (

    select scoring_model from {{ ref('scoring_models') }}

),

bands as (

    select * from {{ ref('score_bands') }}

),

month_end_accounts as (

    select * from {{ ref('int_month_end_accounts') }}

),

counts as (

    select
        month_on,
        scoring_model,
        band,
        count(*) as accounts

    from month_end_accounts
    group by month_on, scoring_model, band

),

band_counts as (

    select
        months.month_on,
        months.last_day_on,
        months.is_complete,
        scoring_models.scoring_model,
        bands.band,
        bands.sort_order as band_order,
        coalesce(counts.accounts, 0) as accounts

    from months
    cross join scoring_models
    cross join bands
    left join counts
        on
            months.month_on = counts.month_on
            and scoring_models.scoring_model = counts.scoring_model
            and bands.band = counts.band

),

final as (

    select
        month_on,
        scoring_model,
        band,
        band_order,
        last_day_on,
        is_complete,
        cast(accounts as integer) as accounts,
        {{ measured(
            double('accounts')
            ~ ' / nullif(sum(accounts) over (partition by month_on, scoring_model), 0)'
        ) }} as share

    from band_counts

)

select * from final
