{#
  One row per event with what its words mean (`int_event_words`) and why it is a machine's, if it is. A
  view: it is a few look-ups of what is stored.
#}
{{ config(materialized='view') }}
with

final as (

    select
        events.channel,
        events.source_table,
        events.event_id,
        events.event_key,
        words.event_type,
        events.account_id,
        events.contact_id,
        events.visitor_id,
        events.email,
        events.company_domain,
        events.campaign,
        events.asset,
        words.outcome,
        events.user_agent,
        events.value,
        events.occurred_at,
        events.occurred_on,
        events.loaded_at,
        events.event_kind,
        -- null: a person's
        case
            when machine_agents.user_agent is not null then 'user_agent'
            else reactions.machine_reason
        end as machine_reason

    from {{ ref('int_clean_events') }} as events
    left join {{ ref('int_event_words') }} as words on {{ is_worded('events', 'words') }}
    left join {{ ref('int_machine_agents') }} as machine_agents
        on events.user_agent = machine_agents.user_agent
    left join {{ ref('int_machine_reactions') }} as reactions
        on
            -- only emails are judged by time
            case when events.channel = 'email' then events.event_key end = reactions.event_key

)

select * from final
