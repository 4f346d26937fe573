{#
  One row per opportunity with its outcome: open, won or lost, and the day it closed (null: open).
#}
with

opportunities as (

    select * from {{ ref('stg_crm__opportunities') }}

),

stages as (

    select * from {{ ref('opportunity_stages') }}

),

outcomes as (

    -- a stage that the seed does not know falls back on the CRM's own flags
    select
        opportunities.*,
        coalesce(
            stages.outcome,
            case
                when opportunities.is_won then 'won'
                when opportunities.is_closed then 'lost'
                else 'open'
            end
        ) as outcome

    from opportunities
    left join stages on opportunities.stage = stages.stage

),

final as (

    select
        opportunity_id,
        account_id,
        opportunity_name,
        stage,
        outcome,
        amount_usd,
        cast(created_at as date) as created_on,
        -- closed without a date: the day we learned of it
        case
            when outcome <> 'open' then cast(coalesce(closed_at, loaded_at) as date)
        end as closed_on

    from outcomes

)

select * from final
