{#
  One row per scoring model, account and item that earns points, with the number under which the
  history sums it. An item that can exceed its cap has a number of its own. All other items of the
  account share one, except breadth. Summing by number takes half the time of summing by text.
#}
with

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
        scoring_model,
        account_id,
        entry_type,
        item,
        is_breadth,
        -- null: there is no cap, or the points can't exceed it
        max_points,
        dense_rank() over (
            order by
                scoring_model,
                account_id,
                is_breadth,
                case when max_points is not null then item end
        ) as sum_number

    from items

)

select * from final
