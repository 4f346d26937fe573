{# One row per scoring model, outcome and decile: how many of the decile's accounts converted. #}
with

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

outcome_names as (

    {{ outcome_rows() }}

),

decile_rows as (

    -- a decile without accounts has a row too
    select
        scoring_models.scoring_model,
        outcome_names.outcome,
        cast(numbers.number as integer) as decile

    from {{ ref('scoring_models') }} as scoring_models
    cross join outcome_names
    cross join {{ ref('int_numbers') }} as numbers
    where numbers.number between 1 and 10

),

totals as (

    select
        scoring_model,
        outcome,
        count(*) as total_n,
        sum(converted) as total_converted,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from outcomes
    group by scoring_model, outcome

),

counts as (

    select
        scoring_model,
        outcome,
        decile,
        min(score) as min_score,
        max(score) as max_score,
        count(*) as n,
        count(distinct account_id) as accounts,
        sum(converted) as converted,
        {{ exact_sum('landmark_rate') }} as expected

    from outcomes
    group by scoring_model, outcome, decile

),

judged as (

    select
        decile_rows.*,
        counts.min_score,
        counts.max_score,
        totals.total_n,
        totals.total_converted,
        counts.expected,
        cast(coalesce(counts.n, 0) as integer) as n,
        cast(coalesce(counts.accounts, 0) as integer) as accounts,
        cast(coalesce(counts.converted, 0) as integer) as converted,
        {{ data_verdict('coalesce(counts.accounts, 0)', 'coalesce(totals.converted_accounts, 0)') }}
            as verdict

    from decile_rows
    left join counts
        on
            decile_rows.scoring_model = counts.scoring_model
            and decile_rows.outcome = counts.outcome
            and decile_rows.decile = counts.decile
    left join totals
        on
            decile_rows.scoring_model = totals.scoring_model
            and decile_rows.outcome = totals.outcome

),

cumulated as (

    select
        *,
        sum(n) over (
            partition by scoring_model, outcome order by decile
            rows between unbounded preceding and current row
        ) as n_so_far,
        sum(converted) over (
            partition by scoring_model, outcome order by decile
            rows between unbounded preceding and current row
        ) as converted_so_far

    from judged

),

final as (

    select
        scoring_model,
        outcome,
        decile,
        min_score,
        max_score,
        n,
        accounts,
        converted,
        {{ if_enough(double('converted') ~ ' / nullif(n, 0)') }} as rate,
        {{ if_enough(wilson_bound('-', 'converted', 'n')) }} as rate_low,
        {{ if_enough(wilson_bound('+', 'converted', 'n')) }} as rate_high,
        {{ measured('coalesce(expected, 0)') }} as expected_converted,
        {{ if_enough('converted / nullif(expected, 0)') }} as lift,
        {{ measured(double('n_so_far') ~ ' / nullif(total_n, 0)') }} as share_of_accounts_so_far,
        {{ measured(double('converted_so_far') ~ ' / nullif(total_converted, 0)') }}
            as share_of_conversions_so_far,
        verdict

    from cumulated

)

select * from final
