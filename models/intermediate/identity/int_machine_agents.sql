{# One row per user agent seen on an event that is a machine. #}
with

agents as (

    select distinct user_agent from {{ ref('int_events') }}
    where not is_removed and user_agent is not null

),

machines as (

    select * from {{ ref('machine_user_agents') }}

),

final as (

    select distinct agents.user_agent
    from agents
    inner join machines
        on {{ matched_text('agents.user_agent') }} like lower(machines.user_agent_pattern)

)

select * from final
