{#
  One row per account for which a row of `next_actions` fits: what to do next, by the most specific
  row. Most match columns filled, then priority; of one column each the signal says more than the
  channel, the channel more than the band. Of two for the same, the one that fits for fewer days.
#}
with

trends as (

    select * from {{ ref('int_score_trends') }}

),

last_engagements as (

    select * from {{ ref('int_last_engagements') }}

),

next_actions as (

    select
        *,
        case when band is not null then 1 else 0 end
        + case when last_signal is not null then 1 else 0 end
        + case when channel is not null then 1 else 0 end as match_columns,
        case when last_signal is not null then 1 when channel is not null then 2 else 3 end
            as column_rank

    from {{ ref('next_actions') }}

),

candidates as (

    select
        trends.account_id,
        next_actions.next_action,
        row_number() over (
            partition by trends.account_id
            order by
                next_actions.match_columns desc,
                coalesce(next_actions.priority, 0) desc,
                next_actions.column_rank,
                coalesce(next_actions.within_days, {{ end_of_numbers() }}),
                next_actions.next_action
        ) as action_rank

    from trends
    left join last_engagements on trends.account_id = last_engagements.account_id
    inner join next_actions
        on
            (next_actions.band is null or trends.band = next_actions.band)
            and (
                next_actions.last_signal is null
                or last_engagements.last_engagement_signal = next_actions.last_signal
            )
            and (
                next_actions.channel is null
                or last_engagements.last_engagement_channel = next_actions.channel
            )
            and (
                next_actions.within_days is null
                or last_engagements.days_since_engagement <= next_actions.within_days
            )

),

final as (

    select
        account_id,
        next_action

    from candidates
    where action_rank = 1

)

select * from final
