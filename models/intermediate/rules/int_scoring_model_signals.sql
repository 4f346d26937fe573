{#
  One row per scoring model and active signal, with the numbers that apply there. An override comes
  before the signal's number, and that before the scoring model's.
#}
with

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

overrides as (

    select * from {{ ref('signal_overrides') }}

),

final as (

    select
        scoring_models.scoring_model,
        signals.signal,
        coalesce(overrides.points, signals.points) as points,
        coalesce(
            overrides.full_value_days, signals.full_value_days, scoring_models.full_value_days, 0
        ) as full_value_days,
        -- null: no decay
        case
            when scoring_models.decay_function = 'exponential'
                then coalesce(
                    overrides.half_life_days, signals.half_life_days, scoring_models.half_life_days
                )
        end as half_life_days,
        scoring_models.lookback_days,
        -- null: no cap
        case
            when scoring_models.apply_caps then coalesce(overrides.max_points, signals.max_points)
        end as max_points

    from scoring_models
    cross join signals
    left join overrides
        on
            scoring_models.scoring_model = overrides.scoring_model
            and signals.signal = overrides.signal

)

select * from final
