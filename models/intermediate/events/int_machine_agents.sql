{#
  One row per user agent seen on an event that is a machine: it contains a fragment of
  `crawler_agents` or matches a pattern of `machine_user_agents`. A pattern that says it is a person
  overrides both.
#}
with

agents as (

    -- ^ and $ let a fragment ask for the start or the end
    select
        user_agent,
        {{ matched_text('user_agent') }} as matched_agent,
        '^' || {{ matched_text('user_agent') }} || '$' as marked_agent

    from {{ ref('int_events') }}
    where not is_removed and user_agent is not null
    group by user_agent

),

patterns as (

    select
        lower(user_agent_pattern) as user_agent_pattern,
        is_machine

    from {{ ref('machine_user_agents') }}

),

judged as (

    select
        agents.user_agent,
        true as is_machine

    from agents
    inner join {{ ref('crawler_agents') }} as crawlers
        on position(crawlers.fragment in agents.marked_agent) > 0

    union all

    select
        agents.user_agent,
        patterns.is_machine

    from agents
    inner join patterns on agents.matched_agent like patterns.user_agent_pattern

),

final as (

    select user_agent from judged
    group by user_agent
    having min(case when is_machine then 1 else 0 end) = 1

)

select * from final
