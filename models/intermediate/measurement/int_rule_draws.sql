{#
  One row per draw and thing that earns points in the primary scoring model (a signal, a combination,
  engaged people): its numbers in that draw. A draw is one complete set of rules, each number of
  points and each half-life moved by a random factor of its own. Caps and windows stay.
#}
{% set points_spread = var('stability_points_spread') %}
{% set half_life_spread = var('stability_half_life_spread') %}
with

draws as (

    select number as draw from {{ ref('int_numbers') }}
    where number < {{ var('stability_draws') }}

),

scoring_models as (

    select
        scoring_models.*,
        coalesce(scoring_models.full_value_days, 0) as own_full_value_days,
        {{ model_half_life('scoring_models') }} as own_half_life_days

    from {{ ref('scoring_models') }} as scoring_models
    where scoring_models.is_primary

),

model_signals as (

    select * from {{ ref('int_scoring_model_signals') }}

),

combinations as (

    select * from {{ ref('signal_combinations') }}
    where is_active

),

drawn_signals as (

    select
        draws.draw,
        model_signals.signal,
        {{ drawn_number(
            'model_signals.points', points_spread, ['draws.draw', "'points'", 'model_signals.signal']
        ) }} as points,
        model_signals.full_value_days,
        {{ drawn_number(
            'model_signals.half_life_days', half_life_spread,
            ['draws.draw', "'half-life'", 'model_signals.signal']
        ) }} as half_life_days,
        model_signals.lookback_days,
        model_signals.max_points

    from model_signals
    inner join scoring_models on model_signals.scoring_model = scoring_models.scoring_model
    cross join draws

),

drawn_models as (

    -- breadth and combinations decay with the model's own half-life
    select
        draws.draw,
        {{ drawn_number(
            'scoring_models.breadth_points', points_spread, ['draws.draw', "'breadth'"]
        ) }} as breadth_points,
        scoring_models.own_full_value_days,
        {{ drawn_number(
            'scoring_models.own_half_life_days', half_life_spread, ['draws.draw', "'model'"]
        ) }} as own_half_life_days,
        scoring_models.lookback_days,
        scoring_models.breadth_max_points

    from scoring_models
    cross join draws

),

drawn_combinations as (

    select
        draws.draw,
        combinations.combination,
        combinations.first_signal,
        combinations.second_signal,
        {{ drawn_number(
            'combinations.points', points_spread,
            ['draws.draw', "'combination'", 'combinations.combination']
        ) }} as points

    from combinations
    cross join draws

),

final as (

    select
        draw,
        'event' as entry_type,
        signal as rule_name,
        points,
        full_value_days,
        half_life_days,
        lookback_days,
        max_points

    from drawn_signals

    union all

    select
        drawn_combinations.draw,
        'combination' as entry_type,
        drawn_combinations.combination as rule_name,
        {{ missing_points(
            'drawn_combinations.points', 'first_signals.points', 'second_signals.points'
        ) }} as points,
        drawn_models.own_full_value_days as full_value_days,
        drawn_models.own_half_life_days as half_life_days,
        drawn_models.lookback_days,
        cast(null as decimal(18, 6)) as max_points

    from drawn_combinations
    inner join drawn_models on drawn_combinations.draw = drawn_models.draw
    inner join drawn_signals as first_signals
        on
            drawn_combinations.draw = first_signals.draw
            and drawn_combinations.first_signal = first_signals.signal
    inner join drawn_signals as second_signals
        on
            drawn_combinations.draw = second_signals.draw
            and drawn_combinations.second_signal = second_signals.signal

    union all

    select
        draw,
        'breadth' as entry_type,
        'breadth' as rule_name,
        breadth_points as points,
        own_full_value_days as full_value_days,
        own_half_life_days as half_life_days,
        lookback_days,
        breadth_max_points as max_points

    from drawn_models

)

select * from final
