{#
  One row per account that had not won a deal by the end of the as-of date. A won account leaves the
  prospect marts; its ledger and history stay.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

won_accounts as (

    select * from {{ ref('int_won_accounts') }}

),

final as (

    select accounts.*
    from accounts
    left join won_accounts on accounts.account_id = won_accounts.account_id
    where won_accounts.account_id is null

)

select * from final
