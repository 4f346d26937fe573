{#
  One row per scoring model, account, person, signal and day, with the points that the day's events
  earn. They count from `earned_on`, the day the account first had them, until `counts_until`.
#}
{{ config(materialized='view') }}
with

daily_points as (

    select * from {{ ref('int_daily_points') }}

),

model_signals as (

    select * from {{ ref('int_scoring_model_signals') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

final as (

    select
        model_signals.scoring_model,
        daily_points.account_id,
        daily_points.person_id,
        'event' as entry_type,
        daily_points.signal,
        {{ null_text() }} as combination,
        daily_points.occurred_on,
        daily_points.first_known_on as earned_on,
        daily_points.counts_from as starts_on,
        coalesce(daily_points.counts_until, {{ last_day() }}) as replaced_on,
        {{ days_after('daily_points.occurred_on', 'model_signals.lookback_days') }} as expires_on,
        daily_points.reset_on,
        {{ decay_start(
            'daily_points.occurred_on', 'model_signals.full_value_days',
            'model_signals.half_life_days'
        ) }} as decays_from,
        model_signals.half_life_days,
        model_signals.max_points,
        daily_points.event_count,
        model_signals.points as base_points,
        coalesce(contacts.persona_weight, 1) as persona_weight

    from daily_points
    inner join model_signals on daily_points.signal = model_signals.signal
    left join contacts on daily_points.person_id = contacts.contact_id

)

select * from final
