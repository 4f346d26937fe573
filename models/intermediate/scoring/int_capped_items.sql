{#
  One row per scoring model, account and item that earns points, with the number under which the
  history sums it. It sums by number first, then by account. An item that can exceed its cap has a
  number of its own. All other items of the account share one, except breadth. Summing by number takes
  half the time of summing by text. Accounts are numbered first, so that no machine sorts all items.
#}
with

scores as (

    select
        scoring_models.scoring_model,
        accounts.account_id,
        row_number() over (order by accounts.account_id, scoring_models.scoring_model)
            as score_number

    from {{ ref('int_accounts') }} as accounts
    cross join {{ ref('scoring_models') }} as scoring_models

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
        -- a score has far fewer than a million sums
        scores.score_number * cast(1000000 as {{ dbt.type_bigint() }}) + dense_rank() over (
            partition by scores.score_number
            order by
                items.is_breadth,
                case when items.max_points is not null then items.item end
        ) as sum_number

    from items
    inner join scores
        on items.scoring_model = scores.scoring_model and items.account_id = scores.account_id

)

select * from final
