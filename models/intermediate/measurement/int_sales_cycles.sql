{#
  One row per opportunity created while engagement was tracked. It has the account's band on that
  day in the primary scoring model, the outcome by the as-of date, and the days until then.
#}
with

opportunities as (

    -- opportunities closed after the as-of date are open on that day
    select
        opportunities.opportunity_id,
        opportunities.account_id,
        opportunities.created_on,
        case
            when opportunities.closed_on <= as_of.as_of_date then opportunities.outcome
            else 'open'
        end as outcome,
        -- closed before it was created: counts as 0 days
        greatest({{ days_between(
            'opportunities.created_on',
            'least(coalesce(opportunities.closed_on, as_of.as_of_date), as_of.as_of_date)'
        ) }}, 0) as cycle_days

    from {{ ref('int_opportunities') }} as opportunities
    inner join {{ ref('int_as_of_date') }} as as_of
        on opportunities.created_on <= as_of.as_of_date

),

tracked as (

    -- before tracking began every account is Cold, however long its deals took
    select min(landmark_on) as tracked_from
    from {{ ref('int_landmarks') }}
    where is_tracked

),

history as (

    -- other scoring models than the primary one have month ends only
    select * from {{ ref('account_score_history') }}
    where scoring_model = {{ primary_model() }}

),

final as (

    select
        opportunities.opportunity_id,
        opportunities.account_id,
        history.scoring_model,
        history.band,
        opportunities.outcome,
        cast(opportunities.cycle_days as integer) as cycle_days

    from opportunities
    inner join tracked on opportunities.created_on >= tracked.tracked_from
    inner join history
        on
            opportunities.account_id = history.account_id
            and opportunities.created_on = history.score_date

)

select * from final
