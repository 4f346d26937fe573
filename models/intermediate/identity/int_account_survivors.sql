{#
  One row per account of the CRM, merged and deleted ones included, and the live account that stands
  for it.
#}
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}
    where not {{ is_placeholder('account_id') }}

),

links as (

    {{ merge_links('accounts', 'account_id', 'merged_into_account_id') }}

),

steps as (

    {{ chain_steps('links') }}

),

ends as (

    {{ chain_ends() }}

),

final as (

    select
        ends.id as account_id,
        -- null: the account stands for nobody
        case when not accounts.is_deleted then ends.end_id end as survivor_account_id

    from ends
    inner join accounts on ends.end_id = accounts.account_id

)

select * from final
