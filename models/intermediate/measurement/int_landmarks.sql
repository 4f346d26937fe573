{#
  One row per landmark: a month's last day on which accounts are scored, and the days after it in
  which an outcome counts. Ends of calendar months stay where they are from run to run, so results
  of two days compare.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

months as (

    select
        last_day_on,
        {{ add_days('last_day_on', var('outcome_horizon_days')) }} as horizon_ends_on,
        extract(year from month_on) * 12 + extract(month from month_on) as month_number

    from {{ ref('int_months') }}
    where is_complete

),

landmarks as (

    select
        months.last_day_on as landmark_on,
        months.horizon_ends_on,
        months.horizon_ends_on <= as_of.as_of_date as is_complete

    from months
    cross join as_of
    where mod(months.month_number, {{ var('landmark_every_months') }}) = 0

),

ranked as (

    select
        *,
        row_number() over (partition by is_complete order by landmark_on desc) as landmark_rank

    from landmarks

),

final as (

    select
        landmark_on,
        horizon_ends_on,
        is_complete

    from ranked
    where not is_complete or landmark_rank <= {{ var('landmark_count') }}

)

select * from final
