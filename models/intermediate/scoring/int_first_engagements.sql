{#
  One row per account and person who has engaged with it in a way that counts for breadth, with the
  day it first became known. A later reset doesn't make the person new again.
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
