{#
  One row per opportunity of a live account with its outcome (open, won or lost) and the day it
  closed (null: open). Deleted opportunities are left out.
#}
with

loads as (

    select
        *,
        {{ plain_stage('stage') }} as stage_word

    from {{ ref('stg_crm__opportunity_loads') }}

),

stages as (

    -- spellings of a stage have one outcome
    select
        {{ plain_stage('stage') }} as stage_word,
        outcome,
        min(sort_order) as sort_order

    from {{ ref('opportunity_stages') }}
    group by {{ plain_stage('stage') }}, outcome

),

account_ids as (

    select * from {{ ref('int_account_ids') }}

),

outcomes as (

    -- for a stage missing in the seed, the CRM's own flags decide
    select
        loads.*,
        coalesce(
            stages.outcome,
            case
                when loads.is_won then 'won'
                when loads.is_closed then 'lost'
                else 'open'
            end
        ) as outcome,
        stages.outcome is not null or loads.is_won is not null or loads.is_closed is not null
            as is_stage_known,
        stages.sort_order

    from loads
    left join stages on loads.stage_word = stages.stage_word

),

last_others as (

    -- the last load of each opportunity with another outcome than its newest load: a deal that was
    -- closed, opened again and closed is closed the second time
    select
        newest.opportunity_id,
        min(earlier.load_rank) as load_rank

    from outcomes as newest
    inner join outcomes as earlier
        on newest.opportunity_id = earlier.opportunity_id and newest.outcome <> earlier.outcome
    where newest.load_rank = 1
    group by newest.opportunity_id

),

first_known as (

    select
        outcomes.opportunity_id,
        cast(min(outcomes.loaded_at) as date) as known_on

    from outcomes
    left join last_others on outcomes.opportunity_id = last_others.opportunity_id
    where coalesce(outcomes.load_rank < last_others.load_rank, true)
    group by outcomes.opportunity_id

),

closed as (

    select
        outcomes.*,
        -- a future close date is only a plan: the deal is won on the day we learn of it
        case
            when outcomes.outcome <> 'open'
                then least(cast(outcomes.closed_at as date), first_known.known_on)
        end as closed_on

    from outcomes
    inner join first_known on outcomes.opportunity_id = first_known.opportunity_id
    where outcomes.load_rank = 1 and not outcomes.is_deleted

),

final as (

    select
        closed.opportunity_id,
        account_ids.account_id,
        closed.opportunity_name,
        closed.stage,
        closed.outcome,
        closed.is_stage_known,
        closed.amount_usd,
        closed.sort_order,
        -- entered after it closed: count it as created on the day it closed
        least(cast(closed.created_at as date), closed.closed_on) as created_on,
        closed.closed_on

    from closed
    inner join account_ids on closed.account_id = account_ids.account_id_text
    where account_ids.account_id is not null

)

select * from final
