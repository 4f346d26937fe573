{#
  One row per scoring model, account and item that earns points, with the number under which the
  history sums it. An item that can exceed its cap has a number of its own. All other items of the
  account share one, except breadth. Summing by number takes half the time of summing by text.
  Accounts are numbered first, so that no machine has to sort the items of all accounts.
#}
with

accounts as (

    select
        account_id,
        row_number() over (order by account_id) as account_number

    from {{ ref('int_live_accounts') }}

),

items as (

    select
        scoring_model,
        account_id,
        entry_type,
        item,
        entry_type = 'breadth' as is_breadth,
        case
            when sum(greatest(points, 0)) > max(max_points) then max(max_points)
        end as max_points

    from {{ ref('int_earned_points') }}
    where starts_on < ends_on
    group by scoring_model, account_id, entry_type, item

),

final as (

    select
        items.scoring_model,
        items.account_id,
        items.entry_type,
        items.item,
        items.is_breadth,
        -- null: there is no cap, or the points can't exceed it
        items.max_points,
        -- an account has far fewer than a million sums
        accounts.account_number * cast(1000000 as {{ dbt.type_bigint() }}) + dense_rank() over (
            partition by items.account_id
            order by
                items.scoring_model,
                items.is_breadth,
                case when items.max_points is not null then items.item end
        ) as sum_number

    from items
    inner join accounts on items.account_id = accounts.account_id

)

select * from final
