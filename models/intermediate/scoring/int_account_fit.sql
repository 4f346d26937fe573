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
        coalesce(lead(min_fit_score) over (order by min_fit_score), {{ end_of_numbers() }})
            as next_min_fit_score

    from {{ ref('fit_grades') }}

),

fit_scores as (

    select
        accounts.account_id,
        coalesce(sum(met_rules.points), 0) as fit_score

    from accounts
    left join {{ ref('int_met_fit_rules') }} as met_rules
        on accounts.account_id = met_rules.account_id
    group by accounts.account_id

),

final as (

    -- below all grades it is the lowest one
    select
        fit_scores.account_id,
        fit_scores.fit_score,
        grades.grade as fit_grade,
        grades.is_high_fit

    from fit_scores
    inner join grades
        on
            greatest(fit_scores.fit_score, 0) >= grades.min_fit_score
            and greatest(fit_scores.fit_score, 0) < grades.next_min_fit_score

)

select * from final
