{#
  One row per account that sales has reached out to by the as-of date: the last outbound or mutual
  activity in the CRM.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

touches as (

    select
        *,
        row_number() over (
            partition by account_id
            order by occurred_at desc, event_key
        ) as touch_rank

    from {{ ref('int_account_events') }}
    where channel = 'sales' and direction <> 'inbound'

),

final as (

    select
        touches.account_id,
        touches.occurred_at as last_sales_touch_at,
        touches.label || ' ' || {{ day_and_month('touches.occurred_on', 'as_of.as_of_date') }}
            as last_sales_touch_label,
        {{ days_between('touches.occurred_on', 'as_of.as_of_date') }} as days_since_sales_touch

    from touches
    cross join as_of
    where touches.touch_rank = 1

)

select * from final
