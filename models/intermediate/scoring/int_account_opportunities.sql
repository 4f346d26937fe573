{#
  One row per account with an opportunity that was won or open at the end of the as-of date. It has
  the first one it won, and the one that is open. If several are open, it is the furthest one, then
  the newest.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

opportunities as (

    select
        opportunities.*,
        opportunities.outcome = 'won' and opportunities.closed_on <= as_of.as_of_date as is_won,
        opportunities.created_on <= as_of.as_of_date
        and coalesce(opportunities.closed_on, {{ last_day() }}) > as_of.as_of_date as is_open

    from {{ ref('int_opportunities') }} as opportunities
    cross join as_of

),

ranked as (

    select
        *,
        row_number() over (
            partition by account_id, is_won order by closed_on, opportunity_id
        ) as win_rank,
        row_number() over (
            partition by account_id, is_open
            order by sort_order desc nulls last, created_on desc, opportunity_id
        ) as open_rank

    from opportunities

),

final as (

    select
        account_id,
        {% for column, name in {
            'opportunity_id': 'won_opportunity_id', 'opportunity_name': 'won_opportunity_name',
            'amount_usd': 'won_amount_usd', 'created_on': 'won_opportunity_created_on',
            'closed_on': 'won_on',
        }.items() %}
        max(case when is_won and win_rank = 1 then {{ column }} end) as {{ name }},
        {% endfor %}
        -- closed after the as-of date: its stage on that day is unknown
        max(case when is_open and open_rank = 1 and outcome = 'open' then stage end)
            as open_opportunity_stage,
        max(case when is_open and open_rank = 1 then amount_usd end) as open_opportunity_amount_usd,
        max(case when is_open and open_rank = 1 then created_on end) as open_opportunity_created_on

    from ranked
    where is_won or is_open
    group by account_id

)

select * from final
