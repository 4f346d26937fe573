{#
  One row per possible alert threshold: how many alerts per week it would have brought, and whether
  it fills the account owners' capacity. It uses the primary scoring model.
#}
with

thresholds as (

    select number as threshold
    from {{ ref('int_numbers') }}
    where number <= {{ var('highest_threshold') }}

),

observed as (

    -- before the first rise nothing was tracked, or the history hadn't begun
    select
        coalesce({{ days_between('min(rises.score_date)', 'max(as_of.as_of_date)') }} + 1, 1)
            as day_count

    from {{ ref('int_as_of_date') }} as as_of
    left join {{ ref('int_score_rises') }} as rises on as_of.as_of_date >= rises.score_date

),

rise_counts as (

    -- other accounts than prospects raise no alerts
    select
        rises.score_before,
        rises.score,
        count(*) as rises

    from {{ ref('int_score_rises') }} as rises
    inner join {{ ref('int_accounts') }} as accounts
        on rises.account_id = accounts.account_id and accounts.lifecycle = 'prospect'
    group by rises.score_before, rises.score

),

capacity as (

    select
        greatest(count(distinct owner_email), 1) * {{ var('owner_capacity_per_week') }}
            as weekly_capacity

    from {{ ref('int_accounts') }}
    where is_prospect

),

volumes as (

    select
        thresholds.threshold,
        coalesce(sum(rise_counts.rises), 0) * 7 / {{ double('observed.day_count') }}
            as alerts_per_week

    from thresholds
    cross join observed
    left join rise_counts
        on
            thresholds.threshold > rise_counts.score_before
            and thresholds.threshold <= rise_counts.score
    group by thresholds.threshold, observed.day_count

),

filling as (

    -- the lowest threshold from which on all have no more alerts than the owners can work; no score
    -- crosses 0
    select
        coalesce(
            max(
                case
                    when volumes.alerts_per_week > capacity.weekly_capacity then volumes.threshold
                end
            ),
            0
        ) + 1 as threshold

    from volumes
    cross join capacity

),

final as (

    select
        volumes.threshold,
        {{ measured('volumes.alerts_per_week') }} as alerts_per_week,
        volumes.threshold = filling.threshold as fills_capacity

    from volumes
    cross join filling

)

select * from final
