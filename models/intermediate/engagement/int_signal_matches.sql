{#
  One row per distinct combination of what signals can match on, and the one signal it is taken for
  (null: none). Patterns are compared here, once per combination, and never with single events.
#}
with

combinations as (

    -- the key is made of them all
    select
        match_key,
        min(channel) as channel,
        min(event_type) as event_type,
        min(asset) as asset,
        min(outcome) as outcome,
        min(persona) as persona,
        {{ dbt.bool_or('is_decision_maker') }} as is_decision_maker,
        min(value_reached) as value_reached

    from {{ ref('int_identity_versions') }}
    group by match_key

),

page_categories as (

    select * from {{ ref('page_categories') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

page_paths as (

    select distinct asset as page_path from combinations
    -- a web event without a URL has its campaign as asset, which is no path
    where channel = 'web' and substr(asset, 1, 1) = '/'

),

path_categories as (

    select
        page_paths.page_path,
        page_categories.page_category,
        row_number() over (
            partition by page_paths.page_path
            order by
                page_categories.priority desc,
                length(page_categories.path_pattern) desc,
                page_categories.path_pattern
        ) as category_rank

    from page_paths
    inner join page_categories
        on {{ matched_text('page_paths.page_path') }} like lower(page_categories.path_pattern)

),

categorised as (

    select
        combinations.*,
        path_categories.page_category

    from combinations
    left join path_categories
        on
            combinations.channel = 'web'
            and combinations.asset = path_categories.page_path
            and path_categories.category_rank = 1

),

candidates as (

    -- an empty match column of a signal means "any"
    select
        categorised.match_key,
        signals.signal,
        row_number() over (
            partition by categorised.match_key
            order by signals.match_priority desc, signals.match_columns desc, signals.signal
        ) as candidate_rank

    from categorised
    inner join signals
        on
            (signals.channel is null or categorised.channel = signals.channel)
            and (signals.event_type is null or categorised.event_type = signals.event_type)
            and (signals.page_category is null or categorised.page_category = signals.page_category)
            and (
                signals.asset_pattern is null
                or {{ matched_text('categorised.asset') }} like signals.asset_pattern
            )
            and (signals.outcome is null or categorised.outcome = signals.outcome)
            and (
                signals.persona is null
                or categorised.persona = signals.persona
                or (signals.persona = 'decision_maker' and categorised.is_decision_maker)
            )
            and (signals.min_value is null or categorised.value_reached >= signals.min_value)

),

final as (

    select
        categorised.match_key,
        categorised.channel,
        categorised.event_type,
        categorised.page_category,
        categorised.asset,
        candidates.signal

    from categorised
    left join candidates
        on categorised.match_key = candidates.match_key and candidates.candidate_rank = 1

)

select * from final
