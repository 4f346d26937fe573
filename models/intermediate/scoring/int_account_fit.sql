{#
  One row per account: its firmographic fit. Engagement plays no part in it, and it plays none in
  the score.
#}
with

accounts as (

    select * from {{ ref('int_live_accounts') }}

),

fit_rules as (

    select * from {{ ref('fit_rules') }}

),

grades as (

    select
        grade,
        is_high_fit,
        min_fit_score,
        lead(min_fit_score) over (order by min_fit_score) as next_min_fit_score

    from {{ ref('fit_grades') }}

),

attributes as (

    {% for attribute in ('account_tier', 'employee_count', 'annual_revenue_usd') %}
    select
        account_id,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as {{ dbt.type_string() }}) as text_value,
        {{ double(attribute) }} as number_value

    from accounts

    union all
    {% endfor %}
    {% for attribute in ('industry', 'country', 'lifecycle_stage') %}
    select
        account_id,
        '{{ attribute }}' as attribute,
        lower({{ attribute }}) as text_value,
        {{ double('null') }} as number_value

    from accounts
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

comparisons as (

    -- numbers are equal as numbers, whatever they look like as text
    select
        attributes.*,
        fit_rules.operator,
        lower(fit_rules.value) as rule_text,
        {{ to_number('fit_rules.value') }} as rule_number,
        coalesce(
            attributes.number_value = {{ to_number('fit_rules.value') }},
            attributes.text_value = lower(fit_rules.value)
        ) as is_equal,
        fit_rules.points

    from attributes
    inner join fit_rules on attributes.attribute = fit_rules.attribute

),

met_rules as (

    -- an empty attribute meets no rule, not even not_equals
    select
        account_id,
        sum(points) as fit_score

    from comparisons
    where
        case operator
            when 'equals' then is_equal
            when 'not_equals' then not is_equal
            when 'like' then {{ matched_text('text_value') }} like rule_text
            when 'at_least' then number_value >= rule_number
            when 'less_than' then number_value < rule_number
        end
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
