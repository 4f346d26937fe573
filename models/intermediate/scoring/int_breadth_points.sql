{#
  One row per scoring model, account, person and day on which the person's latest engagement
  happened. It earns breadth points until a later engagement, or until the window is over. Whether
  enough people are engaged is decided day by day, where the score is summed.
#}
{{ config(materialized='view') }}
with

signals as (

    select signal from {{ ref('int_signals') }}
    where counts_for_breadth

),

scoring_models as (

    select
        *,
        {{ model_half_life('scoring_models') }} as own_half_life_days,
        coalesce(scoring_models.lookback_days, scoring_models.breadth_window_days)
            as points_end_after_days

    from {{ ref('scoring_models') }} as scoring_models

),

engaged_days as (

    select
        daily_points.account_id,
        daily_points.person_id,
        daily_points.occurred_on,
        daily_points.reset_on,
        {{ kept_until('daily_points') }} as kept_until,
        min(daily_points.counts_from) as starts_on

    from {{ ref('int_daily_points') }} as daily_points
    inner join signals on daily_points.signal = signals.signal
    where daily_points.person_id is not null
    group by
        daily_points.account_id,
        daily_points.person_id,
        daily_points.occurred_on,
        daily_points.reset_on

),

latest_days as (

    -- the part of a day after a reset comes after the part before it
    {{ latest_so_far('engaged_days', ['account_id', 'person_id'], 'occurred_on') }}

),

windows as (

    select
        scoring_model,
        0 as from_age_days,
        least(breadth_window_days, points_end_after_days) as until_age_days,
        breadth_points as base_points

    from scoring_models

    union all

    -- between the look-back and the end of the window a person counts as engaged, but brings no
    -- points
    select
        scoring_model,
        points_end_after_days as from_age_days,
        breadth_window_days as until_age_days,
        0 as base_points

    from scoring_models
    where points_end_after_days < breadth_window_days

),

final as (

    select
        scoring_models.scoring_model,
        latest_days.account_id,
        latest_days.person_id,
        'breadth' as entry_type,
        {{ null_text() }} as signal,
        {{ null_text() }} as combination,
        latest_days.occurred_on,
        latest_days.starts_on as earned_on,
        greatest(
            latest_days.starts_on,
            {{ days_after('latest_days.occurred_on', 'windows.from_age_days') }}
        ) as starts_on,
        latest_days.replaced_on,
        {{ days_after('latest_days.occurred_on', 'windows.until_age_days') }} as expires_on,
        latest_days.reset_on,
        {{ decay_start(
            'latest_days.occurred_on', 'coalesce(scoring_models.full_value_days, 0)',
            'scoring_models.own_half_life_days'
        ) }} as decays_from,
        scoring_models.own_half_life_days as half_life_days,
        scoring_models.breadth_max_points as max_points,
        1 as event_count,
        windows.base_points,
        1 as persona_weight

    from latest_days
    cross join windows
    inner join scoring_models on windows.scoring_model = scoring_models.scoring_model

)

select * from final
