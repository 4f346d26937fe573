{#
  One row per scoring model, account, person and completed combination, with the points the pair
  adds to those of its two signals. It counts until the person completes a later pair. A pair stays
  completed even if one of its events turns out to be a repeat.
#}
{{ config(materialized='view') }}
with

combinations as (

    select * from {{ ref('signal_combinations') }}
    where is_active

),

scoring_models as (

    select
        *,
        {{ model_half_life('scoring_models') }} as own_half_life_days

    from {{ ref('scoring_models') }} as scoring_models

),

model_signals as (

    select * from {{ ref('int_scoring_model_signals') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

daily_points as (

    select * from {{ ref('int_daily_points') }}

),

pairs as (

    -- completed on the day of the later signal, in either order. A reset takes the pair if it takes
    -- both events. If a day completes several pairs, the last one is kept, because a reset may
    -- spare it.
    select
        first_days.account_id,
        first_days.person_id,
        combinations.combination,
        greatest(first_days.occurred_on, second_days.occurred_on) as completed_on,
        greatest(first_days.counts_from, second_days.counts_from) as starts_on,
        max(
            greatest({{ kept_until('first_days') }}, {{ kept_until('second_days') }})
        ) as kept_until

    from combinations
    inner join daily_points as first_days on combinations.first_signal = first_days.signal
    inner join daily_points as second_days
        on
            combinations.second_signal = second_days.signal
            and first_days.account_id = second_days.account_id
            and first_days.person_id = second_days.person_id
    where
        abs({{ days_between('first_days.occurred_on', 'second_days.occurred_on') }})
        <= combinations.within_days
    group by
        first_days.account_id,
        first_days.person_id,
        combinations.combination,
        greatest(first_days.occurred_on, second_days.occurred_on),
        greatest(first_days.counts_from, second_days.counts_from)

),

latest_pairs as (

    {{ latest_so_far('pairs', ['account_id', 'person_id', 'combination'], 'completed_on') }}

),

final as (

    select
        scoring_models.scoring_model,
        latest_pairs.account_id,
        latest_pairs.person_id,
        'combination' as entry_type,
        {{ null_text() }} as signal,
        latest_pairs.combination,
        latest_pairs.completed_on as occurred_on,
        latest_pairs.starts_on as earned_on,
        latest_pairs.starts_on,
        latest_pairs.replaced_on,
        {{ days_after('latest_pairs.completed_on', 'scoring_models.lookback_days') }} as expires_on,
        nullif(latest_pairs.kept_until, {{ last_day() }}) as reset_on,
        {{ decay_start(
            'latest_pairs.completed_on', 'coalesce(scoring_models.full_value_days, 0)',
            'scoring_models.own_half_life_days'
        ) }} as decays_from,
        scoring_models.own_half_life_days as half_life_days,
        cast(null as decimal(18, 6)) as max_points,
        1 as event_count,
        -- a pair is worth `points` in total, but never less than its signals
        greatest(combinations.points - first_signals.points - second_signals.points, 0)
            as base_points,
        coalesce(contacts.persona_weight, 1) as persona_weight

    from latest_pairs
    inner join combinations on latest_pairs.combination = combinations.combination
    inner join model_signals as first_signals on combinations.first_signal = first_signals.signal
    inner join model_signals as second_signals
        on
            combinations.second_signal = second_signals.signal
            and first_signals.scoring_model = second_signals.scoring_model
    inner join scoring_models on first_signals.scoring_model = scoring_models.scoring_model
    left join contacts on latest_pairs.person_id = contacts.contact_id

)

select * from final
