{#
  One row per month whose last day is in `account_score_history`, and one for the month of the as-of
  date.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

days as (

    select
        {{ add_days('as_of.as_of_date', '-numbers.number') }} as on_date,
        numbers.number = 0 as is_as_of_date

    from {{ ref('int_numbers') }} as numbers
    cross join as_of
    -- without any source row there is no as-of date, and so no month
    where numbers.number < {{ var('history_days') }} and as_of.as_of_date is not null

),

last_days as (

    select
        on_date,
        {{ is_month_end('on_date') }} as is_month_end,
        is_as_of_date

    from days

),

final as (

    select
        {{ add_days('on_date', '1 - extract(day from on_date)') }} as month_on,
        on_date as last_day_on,
        is_month_end as is_complete

    from last_days
    where is_month_end or is_as_of_date

)

select * from final
