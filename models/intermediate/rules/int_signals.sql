{#
  One row per active signal, with its rank in matching and the numbers that all scoring models
  share.
#}
with

signals as (

    select * from {{ ref('signals') }}

),

tiers as (

    select * from {{ ref('signal_tiers') }}

),

final as (

    select
        signals.signal,
        signals.label,
        signals.channel,
        signals.event_type,
        signals.page_category,
        lower(signals.asset_pattern) as asset_pattern,
        signals.outcome,
        signals.persona,
        signals.direction,
        signals.funnel_stage,
        signals.min_value,
        coalesce(signals.points, tiers.points) as points,
        signals.full_value_days,
        signals.half_life_days,
        signals.max_points,
        signals.repeat_minutes,
        coalesce(signals.match_priority, 0) as match_priority,
        {{ count_match_columns('signals') }} as match_columns,
        signals.direction <> 'outbound' as is_engagement,
        signals.direction <> 'outbound' and signals.counts_for_breadth as counts_for_breadth

    from signals
    inner join tiers on signals.signal_tier = tiers.signal_tier
    where signals.is_active

)

select * from final
