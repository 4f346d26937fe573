{# One row per scoring model, outcome and band: how many accounts of the band converted. #}
with

conversions as (

    select * from {{ ref('int_conversions') }}
    where group_kind = 'band'

),

bands as (

    select * from {{ ref('score_bands') }}

),

final as (

    select
        conversions.scoring_model,
        conversions.outcome,
        bands.band,
        bands.sort_order,
        conversions.n,
        conversions.accounts,
        conversions.converted,
        conversions.rate,
        conversions.rate_low,
        conversions.rate_high,
        conversions.clustered_rate_low,
        conversions.clustered_rate_high,
        conversions.base_rate,
        conversions.lift,
        conversions.risk_ratio,
        conversions.risk_ratio_low,
        conversions.risk_ratio_high,
        conversions.verdict

    from conversions
    inner join bands on conversions.group_name = bands.band

)

select * from final
