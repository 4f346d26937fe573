{#
  One row per event kind and signal that its events may match, whoever did them and whatever their
  value. A kind that no signal matches has one row without a signal. Patterns are compared in this
  model only, once per kind instead of once per event.
#}
with

kinds as (

    -- these columns make up the key
    select
        event_kind,
        min(channel) as channel,
        min(asset) as asset,
        min(word_key) as word_key

    from {{ ref('int_events') }}
    where not is_removed
    group by event_kind

),

worded_kinds as (

    select
        kinds.event_kind,
        kinds.channel,
        words.event_type,
        kinds.asset,
        words.outcome,
        words.is_event_type_known and not words.is_ignored as can_be_signal,
        -- the asset of a web event without a URL is its campaign
        kinds.channel = 'web' and substr(kinds.asset, 1, 1) = '/' as is_page

    from kinds
    inner join {{ ref('int_event_words') }} as words on kinds.word_key = words.word_key

),

kind_assets as (

    -- a page is also compared without the language at the start of its path
    select
        event_kind,
        asset

    from worded_kinds
    {% for segments in (1, 2) %}
    union distinct

    select
        event_kind,
        {{ without_language('asset', segments) }} as asset

    from worded_kinds
    where is_page
    {% endfor %}

),

page_categories as (

    select
        *,
        {{ segments_pattern('path_pattern') }} as segments_pattern

    from {{ ref('page_categories') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

ranked_categories as (

    select
        kind_assets.event_kind,
        page_categories.page_category,
        row_number() over (
            partition by kind_assets.event_kind
            order by
                page_categories.priority desc,
                length(page_categories.path_pattern) desc,
                page_categories.path_pattern
        ) as category_rank

    from kind_assets
    inner join worded_kinds
        on kind_assets.event_kind = worded_kinds.event_kind and worded_kinds.is_page
    inner join page_categories
        on
            {{ matched_text("translate(kind_assets.asset, '_ ', '--')") }} || '/'
            like page_categories.segments_pattern

),

categorised as (

    select
        worded_kinds.*,
        ranked_categories.page_category

    from worded_kinds
    left join ranked_categories
        on
            worded_kinds.event_kind = ranked_categories.event_kind
            and ranked_categories.category_rank = 1

),

matches as (

    -- an empty match column of a signal matches anything; but no conversation matches only a signal
    -- that asks for it
    select distinct
        categorised.event_kind,
        signals.signal,
        signals.persona,
        signals.min_value,
        signals.match_priority,
        signals.match_columns

    from categorised
    inner join kind_assets on categorised.event_kind = kind_assets.event_kind
    inner join signals
        on
            (signals.channel is null or categorised.channel = signals.channel)
            and (
                signals.event_type is null
                or {{ plain_word('categorised.event_type') }}
                = {{ plain_word('signals.event_type') }}
            )
            and (signals.page_category is null or categorised.page_category = signals.page_category)
            and (
                categorised.outcome = signals.outcome
                or (
                    signals.outcome is null
                    and coalesce(categorised.outcome, '') <> 'no_conversation'
                )
            )
            and (
                signals.asset_pattern is null
                or {{ matched_text('kind_assets.asset') }} like signals.asset_pattern
            )
    where categorised.can_be_signal

),

final as (

    select
        categorised.event_kind,
        categorised.page_category,
        matches.signal,
        matches.persona,
        matches.min_value,
        matches.match_priority,
        matches.match_columns

    from categorised
    left join matches on categorised.event_kind = matches.event_kind

)

select * from final
