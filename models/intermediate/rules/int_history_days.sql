{#
  One row per scoring model and day in `account_score_history`: every day of the primary model,
  month ends and the as-of date of the others.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

days as (

    select
        as_of.as_of_date,
        {{ add_days('as_of.as_of_date', '-numbers.number') }} as score_date

    from as_of
    inner join {{ ref('int_numbers') }} as numbers on numbers.number < {{ var('history_days') }}

),

final as (

    select
        scoring_models.scoring_model,
        scoring_models.is_primary,
        scoring_models.breadth_min_contacts,
        days.score_date

    from {{ ref('scoring_models') }} as scoring_models
    cross join days
    where
        scoring_models.is_primary
        or days.score_date = days.as_of_date
        or {{ is_month_end('days.score_date') }}

)

select * from final
