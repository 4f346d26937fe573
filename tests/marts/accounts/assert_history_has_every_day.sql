-- Every account has each day of the history once in the primary scoring model, and the as-of date
-- in the others.
with

as_of as (

    select
        as_of_date,
        {{ first_history_day('as_of_date') }} as first_day

    from {{ ref('int_as_of_date') }}

),

expected as (

    select
        scoring_models.scoring_model,
        accounts.account_id,
        case when scoring_models.is_primary then {{ var('history_days') }} end as day_count

    from {{ ref('int_accounts') }} as accounts
    cross join {{ ref('scoring_models') }} as scoring_models

),

counted as (

    select
        scoring_model,
        account_id,
        count(*) as day_count,
        count(distinct score_date) as date_count,
        min(score_date) as first_date,
        max(score_date) as last_date

    from {{ ref('account_score_history') }}
    group by scoring_model, account_id

),

final as (

    select
        expected.scoring_model,
        expected.account_id,
        counted.day_count,
        counted.first_date,
        counted.last_date

    from expected
    cross join as_of
    full outer join counted
        on
            expected.scoring_model = counted.scoring_model
            and expected.account_id = counted.account_id
    where
        coalesce(
            counted.day_count <> coalesce(expected.day_count, counted.date_count)
            or counted.day_count <> counted.date_count
            or counted.first_date < as_of.first_day
            or counted.last_date <> as_of.as_of_date,
            true
        )

)

select * from final
