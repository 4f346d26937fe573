{#
  One row per account that had won a deal by the end of the as-of date, with the first one. The
  account belongs to the customer team from that day on.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

won_opportunities as (

    select
        opportunities.*,
        row_number() over (
            partition by opportunities.account_id
            order by opportunities.closed_on, opportunities.opportunity_id
        ) as win_rank

    from {{ ref('int_opportunities') }} as opportunities
    inner join as_of on opportunities.closed_on <= as_of.as_of_date
    where opportunities.outcome = 'won'

),

final as (

    select
        account_id,
        opportunity_id,
        opportunity_name,
        amount_usd,
        created_on as opportunity_created_on,
        closed_on as won_on

    from won_opportunities
    where win_rank = 1

)

select * from final
