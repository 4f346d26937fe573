{#
  One row per account that had not won a deal by the end of the as-of date. A won account belongs to
  the customer team from that day on and leaves the prospect marts; its ledger stays.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

opportunities as (

    select * from {{ ref('int_opportunities') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

won_accounts as (

    select distinct opportunities.account_id
    from opportunities
    inner join as_of on opportunities.closed_on <= as_of.as_of_date
    where opportunities.outcome = 'won'

),

final as (

    select accounts.*
    from accounts
    left join won_accounts on accounts.account_id = won_accounts.account_id
    where won_accounts.account_id is null

)

select * from final
