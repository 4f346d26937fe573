{#
  One row per raw table, event type and reason why events count as made by a machine and score
  nothing. Events recognised by name have one row per user agent.
#}
with

events as (

    select
        *,
        case when machine_reason = 'user_agent' then user_agent end as machine_agent

    from {{ ref('int_event_identities') }}
    where is_machine

),

final as (

    select
        channel,
        source_table,
        event_type,
        machine_reason,
        machine_agent as user_agent,
        cast(count(*) as integer) as event_count,
        cast(count(distinct account_id) as integer) as account_count,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at

    from events
    group by channel, source_table, event_type, machine_reason, machine_agent

)

select * from final
