{#
  One row per fault in signals, combinations and scoring models: a signal that no event can be, two that
  nothing tells apart, rows that contradict each other.
#}
{{ config(materialized='ephemeral') }}
with

signals as (

    select * from {{ ref('signals') }}

),

signal_combinations as (

    select * from {{ ref('signal_combinations') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

personas as (

    select * from {{ ref('personas') }}

),

event_types as (

    {{ known_event_types() }}

),

active_signals as (

    select
        signals.*,
        lower(signals.asset_pattern) as matched_pattern,
        coalesce(signals.match_priority, 0) as priority,
        {{ count_match_columns('signals') }} as match_columns,
        split_part(replace(lower(signals.asset_pattern), '_', '%'), '%', 1) as asset_prefix

    from signals
    where
        signals.is_active
        -- a pattern that would run away is refused, and not compared with others first
        and coalesce({{ count_wildcards('signals.asset_pattern') }} <= {{ most_wildcards() }}, true)

),

unreachable_signals as (

    select
        'signals' as seed,
        'signal=' || active_signals.signal as row_key,
        'no event of the landing contract can ever be this signal' as fault,
        'Use a channel, an event_type of that channel, and match columns that such events have.'
            as remedy

    from active_signals
    left join event_types
        on
            (active_signals.channel is null or active_signals.channel = event_types.channel)
            and (
                active_signals.event_type is null
                or event_types.event_type is null
                or active_signals.event_type = event_types.event_type
            )
            and (active_signals.page_category is null or event_types.has_page_category)
            and (active_signals.asset_pattern is null or event_types.has_asset_pattern)
            and (active_signals.outcome is null or event_types.has_outcome)
            and (active_signals.persona is null or event_types.has_persona)
            and (active_signals.min_value is null or event_types.has_min_value)
    where event_types.channel is null

),

ambiguous_signals as (

    select
        'signals' as seed,
        'signal=' || one.signal as row_key,
        'can match the same event as signal ' || other.signal || ' with the same rank' as fault,
        'Give one of them a higher match_priority, or fill another match column.' as remedy

    from active_signals as one
    inner join active_signals as other
        on
            one.signal < other.signal
            and one.priority = other.priority
            and one.match_columns = other.match_columns
            and coalesce(one.channel = other.channel, true)
            and coalesce(one.event_type = other.event_type, true)
            and coalesce(one.page_category = other.page_category, true)
            and coalesce(one.outcome = other.outcome, true)
    where
        coalesce(
            one.persona = other.persona
            or (
                one.persona = 'decision_maker'
                and other.persona in (select persona from personas where is_decision_maker)
            )
            or (
                other.persona = 'decision_maker'
                and one.persona in (select persona from personas where is_decision_maker)
            ),
            true
        )
        -- two patterns are told apart only by their literal beginnings; whatever else may match the
        -- same asset is refused
        and coalesce(
            case
                when one.matched_pattern = one.asset_prefix
                    then one.matched_pattern like other.matched_pattern
                when other.matched_pattern = other.asset_prefix
                    then other.matched_pattern like one.matched_pattern
                else
                    substr(one.asset_prefix, 1, length(other.asset_prefix)) = other.asset_prefix
                    or substr(other.asset_prefix, 1, length(one.asset_prefix)) = one.asset_prefix
            end,
            true
        )

),

combination_faults as (

    select
        'signal_combinations' as seed,
        'combination=' || combination as row_key,
        'first_signal and second_signal are the same' as fault,
        'Name two different signals.' as remedy

    from signal_combinations
    where first_signal = second_signal

    union all

    select
        'signal_combinations' as seed,
        'combination=' || signal_combinations.combination as row_key,
        'signal ' || signals.signal || ' is not active' as fault,
        'Activate the signal in seeds/signals.csv or deactivate the combination.' as remedy

    from signal_combinations
    inner join signals
        on signals.signal in (signal_combinations.first_signal, signal_combinations.second_signal)
    where signal_combinations.is_active and not signals.is_active

),

scoring_model_faults as (

    select
        'scoring_models' as seed,
        'is_primary=true' as row_key,
        cast(count(*) as {{ dbt.type_string() }}) || ' scoring models are primary' as fault,
        'Set is_primary to true in exactly one row.' as remedy

    from scoring_models
    where is_primary
    having count(*) <> 1

    union all

    select
        'scoring_models' as seed,
        'scoring_model=' || scoring_model as row_key,
        'only one of silence_days and silence_factor is filled' as fault,
        'Fill both, or neither.' as remedy

    from scoring_models
    where (silence_days is null) <> (silence_factor is null)

),

final as (

    select * from unreachable_signals
    union all
    select * from ambiguous_signals
    union all
    select * from combination_faults
    union all
    select * from scoring_model_faults

)

select * from final
