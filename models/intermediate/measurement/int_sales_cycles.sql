{#
  One row per opportunity created within the days of the history and scoring model: the band of its
  account on that day, and for how many days it has been watched until it was won, lost or is open.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

opportunities as (

    select
        opportunities.*,
        -- what is closed later is open on the as-of date
        case
            when opportunities.closed_on <= as_of.as_of_date then opportunities.outcome
            else 'open'
        end as outcome_by_then,
        case
            when opportunities.closed_on <= as_of.as_of_date then opportunities.closed_on
            else as_of.as_of_date
        end as watched_until

    from {{ ref('int_opportunities') }} as opportunities
    inner join as_of on opportunities.created_on <= as_of.as_of_date

),

history as (

    select * from {{ ref('account_score_history') }}

),

final as (

    select
        history.scoring_model,
        opportunities.opportunity_id,
        opportunities.account_id,
        history.band,
        opportunities.outcome_by_then as outcome,
        -- closed before it was created: a deal of 0 days
        greatest(
            {{ days_between('opportunities.created_on', 'opportunities.watched_until') }}, 0
        ) as watched_days

    from opportunities
    inner join history
        on
            opportunities.account_id = history.account_id
            and opportunities.created_on = history.score_date

)

select * from final
