{#
  One row per account with an open opportunity on the as-of date. If several are open, it is the
  furthest one, then the newest.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

stages as (

    select * from {{ ref('opportunity_stages') }}

),

open_opportunities as (

    select
        opportunities.*,
        row_number() over (
            partition by opportunities.account_id
            order by
                stages.sort_order desc nulls last,
                opportunities.created_on desc,
                opportunities.opportunity_id
        ) as opportunity_rank

    from {{ ref('int_opportunities') }} as opportunities
    inner join as_of
        on
            opportunities.created_on <= as_of.as_of_date
            and coalesce(opportunities.closed_on, {{ last_day() }}) > as_of.as_of_date
    left join stages on opportunities.stage = stages.stage

),

final as (

    select
        account_id,
        -- closed after the as-of date: its stage on that day is unknown
        case when outcome = 'open' then stage end as stage,
        amount_usd,
        created_on

    from open_opportunities
    where opportunity_rank = 1

)

select * from final
