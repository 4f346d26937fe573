{#
  One row per account that has won a deal: what the customer team takes over. It has the score on
  the day it was won, and the people with the most points today.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

won_accounts as (

    select * from {{ ref('int_accounts') }}
    where won_on is not null

),

opportunities as (

    select * from {{ ref('int_account_opportunities') }}

),

history as (

    select * from {{ ref('account_score_history') }}
    where scoring_model = {{ primary_model() }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

person_points as (

    select
        account_id,
        person_id,
        sum(points) as points

    from {{ ref('int_person_points') }}
    group by account_id, person_id

),

ranked_people as (

    select
        person_points.account_id,
        coalesce(contacts.full_name, contacts.email, person_points.person_id)
        || coalesce(' (' || contacts.job_title || ')', '') as person,
        row_number() over (
            partition by person_points.account_id
            order by {{ ranked_points('person_points.points') }} desc, person_points.person_id
        ) as person_rank

    from person_points
    left join contacts on person_points.person_id = contacts.contact_id
    where person_points.points > 0 and not {{ has_left('person_points') }}

),

key_people as (

    select
        account_id,
        max(case when person_rank = 1 then person end)
        || coalesce(', ' || max(case when person_rank = 2 then person end), '')
        || coalesce(', ' || max(case when person_rank = 3 then person end), '') as key_people

    from ranked_people
    group by account_id

),

final as (

    select
        won_accounts.account_id,
        won_accounts.account_name,
        won_accounts.domain,
        won_accounts.account_tier,
        won_accounts.owner_email,
        opportunities.won_opportunity_id as opportunity_id,
        opportunities.won_opportunity_name as opportunity_name,
        cast(opportunities.won_amount_usd as decimal(18, 2)) as amount_usd,
        opportunities.won_opportunity_created_on as opportunity_created_on,
        won_accounts.won_on,
        {{ days_between('opportunities.won_opportunity_created_on', 'won_accounts.won_on') }}
            as sales_cycle_days,
        history.score as score_when_won,
        history.band as band_when_won,
        history.band_order as band_order_when_won,
        history.engaged_contacts as engaged_contacts_when_won,
        key_people.key_people,
        as_of.as_of_date

    from won_accounts
    cross join as_of
    inner join opportunities on won_accounts.account_id = opportunities.account_id
    left join history
        on won_accounts.account_id = history.account_id and won_accounts.won_on = history.score_date
    left join key_people on won_accounts.account_id = key_people.account_id

)

select * from final
