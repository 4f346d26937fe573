{#
  One row per event kind and signal that its events can be, whoever did them and whatever their value;
  one row without a signal for a kind that no signal matches. The only place where patterns are
  compared: once per kind, never with single events.
#}
with

kinds as (

    -- the key is made of them all
    select
        event_kind,
        min(channel) as channel,
        min(event_type) as event_type,
        min(asset) as asset,
        min(outcome) as outcome

    from {{ ref('int_events') }}
    where not is_removed
    group by event_kind

),

page_categories as (

    select * from {{ ref('page_categories') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

ranked_categories as (

    select
        kinds.event_kind,
        page_categories.page_category,
        row_number() over (
            partition by kinds.event_kind
            order by
                page_categories.priority desc,
                length(page_categories.path_pattern) desc,
                page_categories.path_pattern
        ) as category_rank

    from kinds
    inner join page_categories
        on {{ matched_text('kinds.asset') }} like lower(page_categories.path_pattern)
    -- a web event without a URL has its campaign as asset
    where kinds.channel = 'web' and substr(kinds.asset, 1, 1) = '/'

),

categorised as (

    select
        kinds.*,
        ranked_categories.page_category

    from kinds
    left join ranked_categories
        on kinds.event_kind = ranked_categories.event_kind and ranked_categories.category_rank = 1

),

final as (

    -- an empty match column of a signal means "any"
    select
        categorised.event_kind,
        categorised.page_category,
        signals.signal,
        signals.persona,
        signals.min_value,
        signals.match_priority,
        signals.match_columns

    from categorised
    left join signals
        on
            (signals.channel is null or categorised.channel = signals.channel)
            and (signals.event_type is null or categorised.event_type = signals.event_type)
            and (signals.page_category is null or categorised.page_category = signals.page_category)
            and (
                signals.asset_pattern is null
                or {{ matched_text('categorised.asset') }} like signals.asset_pattern
            )
            and (signals.outcome is null or categorised.outcome = signals.outcome)

)

select * from final
