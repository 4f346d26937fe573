{#
  One row per fault in lower bounds of bands and grades, in alert rules and in fit rules.
#}
{{ config(materialized='ephemeral') }}
with

score_bands as (

    select * from {{ ref('score_bands') }}

),

fit_rules as (

    select * from {{ ref('fit_rules') }}

),

fit_grades as (

    select * from {{ ref('fit_grades') }}

),

alert_rules as (

    select * from {{ ref('alert_rules') }}

),

lower_bounds as (

    select
        'score_bands' as seed,
        'band=' || band as row_key,
        'min_score' as column_name,
        cast(min_score as {{ dbt.type_numeric() }}) as lower_bound,
        sort_order

    from score_bands

    union all

    select
        'fit_grades' as seed,
        'grade=' || grade as row_key,
        'min_fit_score' as column_name,
        min_fit_score as lower_bound,
        cast(null as integer) as sort_order

    from fit_grades

),

ranked_bounds as (

    select
        *,
        lag(row_key) over (partition by seed order by lower_bound, row_key) as row_key_before,
        lag(lower_bound) over (partition by seed order by lower_bound, row_key) as bound_before,
        lag(sort_order) over (partition by seed order by lower_bound, row_key) as sort_order_before

    from lower_bounds

),

expected_seeds as (

    select 'score_bands' as seed
    union all
    select 'fit_grades' as seed

),

bound_faults as (

    select
        seed,
        row_key,
        column_name || ' is the same as in row ' || row_key_before || ': they overlap' as fault,
        'Give each row a lower bound of its own.' as remedy

    from ranked_bounds
    where lower_bound = bound_before

    union all

    select
        seed,
        row_key,
        'sort_order is not above that of row ' || row_key_before || ', which starts lower' as fault,
        'Number the bands in the order of min_score.' as remedy

    from ranked_bounds
    where sort_order <= sort_order_before

    union all

    select
        expected_seeds.seed,
        coalesce(min(ranked_bounds.row_key), 'none') as row_key,
        'the lowest row does not start at 0, so there is a gap below it' as fault,
        'Let one row start at 0.' as remedy

    from expected_seeds
    left join ranked_bounds
        on expected_seeds.seed = ranked_bounds.seed and ranked_bounds.row_key_before is null
    group by expected_seeds.seed
    having min(ranked_bounds.lower_bound) is null or min(ranked_bounds.lower_bound) <> 0

),

alert_faults as (

    select
        'alert_rules' as seed,
        'alert=' || alert as row_key,
        'window_days is empty, but kind ' || kind || ' counts over a window' as fault,
        'Fill in window_days.' as remedy

    from alert_rules
    where kind in ('acceleration', 'new_contacts') and window_days is null

),

fit_faults as (

    select
        'fit_rules' as seed,
        'fit_rule=' || fit_rule as row_key,
        'operator ' || operator || ' needs a number in value and an attribute that is one' as fault,
        'Use equals, not_equals or like for text.' as remedy

    from fit_rules
    where
        operator in ('at_least', 'less_than')
        and (
            {{ to_number('value') }} is null
            or attribute not in ('account_tier', 'employee_count', 'annual_revenue_usd')
        )

    union all

    select
        'fit_rules' as seed,
        'fit_rule=' || fit_rule as row_key,
        'value is ''' || value || ''', which has more than {{ most_wildcards() }} % before its end'
            as fault,
        'Use fewer, or several rows: with more, one long text could take hours.' as remedy

    from fit_rules
    where operator = 'like' and {{ count_wildcards('value') }} > {{ most_wildcards() }}

),

final as (

    select * from bound_faults
    union all
    select * from alert_faults
    union all
    select * from fit_faults

)

select * from final
