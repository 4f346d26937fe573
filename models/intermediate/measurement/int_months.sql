{#
  One row per month whose last day is in `account_score_history`, and one for the month of the as-of
  date.
#}
with

final as (

    select
        {{ add_days('history_days.score_date', '1 - extract(day from history_days.score_date)') }}
            as month_on,
        history_days.score_date as last_day_on,
        {{ is_month_end('history_days.score_date') }} as is_complete

    from {{ ref('int_history_days') }} as history_days
    cross join {{ ref('int_as_of_date') }} as as_of
    where
        history_days.is_primary
        and (
            {{ is_month_end('history_days.score_date') }}
            or history_days.score_date = as_of.as_of_date
        )

)

select * from final
