{#
  One row per account and the account at the top of its chain of parents (itself without a parent).
#}
with recursive

links as (

    select
        accounts.account_id as id,
        parents.account_id as next_id

    from {{ ref('int_live_accounts') }} as accounts
    left join {{ ref('int_account_ids') }} as parents
        on accounts.parent_account_id = parents.account_id_text

),

steps as (

    {{ chain_steps('links') }}

),

ends as (

    {{ chain_ends() }}

),

final as (

    select
        id as account_id,
        end_id as top_parent_account_id

    from ends

)

select * from final
