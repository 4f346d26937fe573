{#
  One row per account and person who ever engaged with it, with the day on which that was first
  known. Only engagement that counts for breadth; a later reset does not make anybody new again.
#}
with

signals as (

    select * from {{ ref('int_signals') }}
    where counts_for_breadth

),

final as (

    select
        daily_points.account_id,
        daily_points.person_id,
        min(daily_points.counts_from) as first_engaged_on

    from {{ ref('int_daily_points') }} as daily_points
    inner join signals on daily_points.signal = signals.signal
    where daily_points.person_id is not null
    group by daily_points.account_id, daily_points.person_id

)

select * from final
