{#
  One row per kind of event that no active signal matches, and per word of the CRM that no seed row
  knows: such events score nothing, such deals count as open and such accounts as prospects.
#}
with

events as (

    select * from {{ ref('int_event_identities') }}

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

    select * from {{ ref('int_live_accounts') }}
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
    group by events.channel, events.event_type, unmapped_kinds.page_category, events.outcome

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
