{# One row per user agent seen on an email event that is a machine. #}
with

machines as (

    select * from {{ ref('machine_user_agents') }}

),

seen_agents as (

    select distinct user_agent from {{ ref('stg_email__events') }}

),

final as (

    select distinct seen_agents.user_agent
    from seen_agents
    inner join machines
        on {{ matched_text('seen_agents.user_agent') }} like lower(machines.user_agent_pattern)

)

select * from final
