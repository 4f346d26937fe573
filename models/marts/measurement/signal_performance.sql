{#
  One row per outcome and signal: how much more often accounts with the signal convert, alone and
  next to all other signals, and what points that would suggest. Nothing is applied by itself.
#}
with

conversions as (

    select
        *,
        case when verdict = 'enough data' then n_with end as trials,
        case when verdict = 'enough data' then n_without end as other_trials

    from {{ ref('int_signal_conversions') }}

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

    -- a fit under other rules says nothing about the points of these
    select signal_fits.*
    from {{ source('review', 'signal_fits') }} as signal_fits
    inner join {{ ref('int_config_version') }} as config
        on signal_fits.config_version = config.config_version

),

final as (

    select
        conversions.outcome,
        conversions.signal,
        signals.label,
        signals.funnel_stage,
        model_signals.points,
        conversions.n_with,
        conversions.n_without,
        conversions.accounts_with,
        conversions.accounts_without,
        conversions.converted_with,
        conversions.converted_without,
        {{ measured(double('conversions.converted_with') ~ ' / conversions.trials') }} as rate_with,
        {{ measured(wilson_bound('-', 'conversions.converted_with', 'conversions.trials')) }}
            as rate_with_low,
        {{ measured(wilson_bound('+', 'conversions.converted_with', 'conversions.trials')) }}
            as rate_with_high,
        {{ measured(double('conversions.converted_without') ~ ' / conversions.other_trials') }}
            as rate_without,
        {{ measured(
            wilson_bound('-', 'conversions.converted_without', 'conversions.other_trials')
        ) }} as rate_without_low,
        {{ measured(
            wilson_bound('+', 'conversions.converted_without', 'conversions.other_trials')
        ) }} as rate_without_high,
        {{ measured(risk_ratio(
            'conversions.converted_with', 'conversions.trials',
            '(conversions.converted_with + conversions.converted_without)',
            '(conversions.trials + conversions.other_trials)'
        )) }} as lift,
        conversions.log_odds,
        conversions.log_odds_low,
        conversions.log_odds_high,
        conversions.clustered_log_odds_low,
        conversions.clustered_log_odds_high,
        conversions.information_value,
        coalesce(
            conversions.information_value > {{ var('information_value_warning') }}, false
        ) as is_leak_suspect,
        conversions.verdict,
        {{ measured('fits.adjusted_log_odds') }} as adjusted_log_odds,
        {{ measured('fits.adjusted_log_odds_low') }} as adjusted_log_odds_low,
        {{ measured('fits.adjusted_log_odds_high') }} as adjusted_log_odds_high,
        {{ measured('fits.suggested_points') }} as suggested_signal_points,
        {{ measured('fits.suggested_points_low') }} as suggested_signal_points_low,
        {{ measured('fits.suggested_points_high') }} as suggested_signal_points_high,
        case
            when conversions.review_verdict <> 'enough data' then conversions.review_verdict
            else coalesce(fits.suggestion, 'not reviewed yet')
        end as suggestion,
        fits.as_of_date as reviewed_as_of_date

    from conversions
    inner join signals on conversions.signal = signals.signal
    inner join model_signals on conversions.signal = model_signals.signal
    left join fits
        on
            conversions.outcome = fits.outcome
            and conversions.signal = fits.signal
            and conversions.review_verdict = 'enough data'

)

select * from final
