{#
  One row per signal: the half-life that the outcomes after it suggest, beside the one in the rules.
#}
with

conversions as (

    select * from {{ ref('int_signal_conversions') }}
    where outcome = 'opportunity_created'

),

signals as (

    select * from {{ ref('int_signals') }}

),

model_signals as (

    select model_signals.*
    from {{ ref('int_scoring_model_signals') }} as model_signals
    inner join {{ ref('scoring_models') }} as scoring_models
        on model_signals.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

),

fits as (

    -- a fit under other rules had another curve
    select half_life_fits.*
    from {{ source('review', 'half_life_fits') }} as half_life_fits
    inner join {{ ref('int_config_version') }} as config
        on half_life_fits.config_version = config.config_version

),

final as (

    select
        conversions.signal,
        signals.label,
        model_signals.scoring_model,
        model_signals.full_value_days,
        model_signals.half_life_days as configured_half_life_days,
        {{ measured('fits.half_life_days') }} as half_life_days,
        {{ measured('fits.half_life_days_low') }} as half_life_days_low,
        {{ measured('fits.half_life_days_high') }} as half_life_days_high,
        case
            when conversions.review_verdict <> 'enough data' then conversions.review_verdict
            else coalesce(fits.finding, 'not reviewed yet')
        end as finding,
        fits.as_of_date as reviewed_as_of_date

    from conversions
    inner join signals on conversions.signal = signals.signal
    inner join model_signals on conversions.signal = model_signals.signal
    left join fits
        on
            conversions.signal = fits.signal
            and conversions.review_verdict = 'enough data'

)

select * from final
