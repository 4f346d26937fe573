{#
  One row per kind of event that no active signal matches, and per word of a tool that no seed
  explains. Such events score nothing, such deals count as open, and such accounts as prospects.
  Outcomes that count as no conversation are listed by word, whether a seed explains them or not.
#}
with

events as (

    select * from {{ ref('int_event_identities') }}

),

seen as (

    select
        word_key,
        count(*) as event_count,
        min(asset) as example_asset,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at

    from {{ ref('int_events') }}
    where not is_removed
    group by word_key

),

words as (

    select
        words.*,
        seen.event_count,
        seen.example_asset,
        seen.first_occurred_at,
        seen.last_occurred_at

    from seen
    inner join {{ ref('int_event_words') }} as words on seen.word_key = words.word_key

),

unmapped_kinds as (

    select * from {{ ref('int_event_kinds') }}
    where signal is null

),

opportunities as (

    select * from {{ ref('int_opportunities') }}
    where not is_stage_known

),

accounts as (

    select * from {{ ref('int_accounts') }}
    where not is_lifecycle_known

),

final as (

    select
        'event' as kind,
        {{ null_text() }} as word,
        events.channel,
        events.event_type,
        unmapped_kinds.page_category,
        events.outcome,
        cast(count(*) as integer) as event_count,
        cast(count(distinct events.account_id) as integer) as account_count,
        min(events.asset) as example_asset,
        min(events.occurred_at) as first_occurred_at,
        max(events.occurred_at) as last_occurred_at

    from events
    inner join unmapped_kinds on {{ is_of_kind('events', 'unmapped_kinds') }}
    where coalesce(events.event_type, '') <> 'ignored'
    group by events.channel, events.event_type, unmapped_kinds.page_category, events.outcome

    union all

    select
        'event type' as kind,
        event_type_word as word,
        channel,
        event_type,
        {{ null_text() }} as page_category,
        {{ null_text() }} as outcome,
        cast(sum(event_count) as integer) as event_count,
        cast(null as integer) as account_count,
        min(example_asset) as example_asset,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at

    from words
    where not is_event_type_known
    group by channel, event_type_word, event_type

    union all

    select
        case when is_outcome_known then 'no conversation' else 'outcome' end as kind,
        outcome_word as word,
        channel,
        {{ null_text() }} as event_type,
        {{ null_text() }} as page_category,
        outcome,
        cast(sum(event_count) as integer) as event_count,
        cast(null as integer) as account_count,
        {{ null_text() }} as example_asset,
        min(first_occurred_at) as first_occurred_at,
        max(last_occurred_at) as last_occurred_at

    from words
    where outcome = 'no_conversation' and outcome_word <> 'no_conversation'
    group by is_outcome_known, channel, outcome_word, outcome

    union all

    select
        'opportunity stage' as kind,
        stage as word,
        {{ null_text() }} as channel,
        {{ null_text() }} as event_type,
        {{ null_text() }} as page_category,
        {{ null_text() }} as outcome,
        cast(count(*) as integer) as event_count,
        cast(count(distinct account_id) as integer) as account_count,
        {{ null_text() }} as example_asset,
        cast(min(created_on) as {{ dbt.type_timestamp() }}) as first_occurred_at,
        cast(max(created_on) as {{ dbt.type_timestamp() }}) as last_occurred_at

    from opportunities
    group by stage

    union all

    select
        'lifecycle stage' as kind,
        lower(lifecycle_stage) as word,
        {{ null_text() }} as channel,
        {{ null_text() }} as event_type,
        {{ null_text() }} as page_category,
        {{ null_text() }} as outcome,
        cast(count(*) as integer) as event_count,
        cast(count(*) as integer) as account_count,
        {{ null_text() }} as example_asset,
        min(created_at) as first_occurred_at,
        max(created_at) as last_occurred_at

    from accounts
    group by lower(lifecycle_stage)

)

select * from final
