{#
  One row per account and the account at the top of its chain of parents (itself without a parent).
#}
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

steps as (

    select
        account_id,
        account_id as top_parent_account_id,
        0 as step_count

    from accounts

    union all

    -- twenty steps are a circle
    select
        steps.account_id,
        parents.account_id as top_parent_account_id,
        steps.step_count + 1 as step_count

    from steps
    inner join accounts on steps.top_parent_account_id = accounts.account_id
    inner join accounts as parents on accounts.parent_account_id = parents.account_id
    where steps.step_count < 20

),

ranked_steps as (

    select
        account_id,
        -- in a circle everybody is at the top
        case when step_count = 20 then account_id else top_parent_account_id end
            as top_parent_account_id,
        row_number() over (partition by account_id order by step_count desc) as step_rank

    from steps

),

final as (

    select
        account_id,
        top_parent_account_id

    from ranked_steps
    where step_rank = 1

)

select * from final
