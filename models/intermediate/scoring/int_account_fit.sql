{# One row per account with its firmographic fit. Fit and engagement never affect each other. #}
with

accounts as (

    select * from {{ ref('int_accounts') }}

),

grades as (

    select
        grade,
        is_high_fit,
        min_fit_score,
        lead(min_fit_score) over (order by min_fit_score) as next_min_fit_score

    from {{ ref('fit_grades') }}

),

met_rules as (

    select
        account_id,
        sum(points) as fit_score

    from {{ ref('int_met_fit_rules') }}
    group by account_id

),

fit_scores as (

    select
        accounts.account_id,
        coalesce(met_rules.fit_score, 0) as fit_score

    from accounts
    left join met_rules on accounts.account_id = met_rules.account_id

),

final as (

    select
        fit_scores.account_id,
        fit_scores.fit_score,
        grades.grade as fit_grade,
        grades.is_high_fit

    from fit_scores
    inner join grades
        on
            greatest(fit_scores.fit_score, 0) >= grades.min_fit_score
            and (
                grades.next_min_fit_score is null
                or greatest(fit_scores.fit_score, 0) < grades.next_min_fit_score
            )

)

select * from final
