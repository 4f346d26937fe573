{#
  One row per outcome and signal that can predict it: how many accounts with and without the signal
  converted. The review says whether the points should change.
#}
with

outcome_names as (

    {{ outcome_rows() }}

),

landmark_outcomes as (

    -- eligibility and outcomes don't depend on the scoring model
    select
        *,
        count(*) over (partition by outcome, account_id) as account_rows

    from {{ ref('int_landmark_outcomes') }}
    where scoring_model = {{ primary_model() }}

),

signals as (

    -- an opportunity signal means there is a deal, and no eligible account has one
    select
        signals.signal,
        signals.label,
        signals.funnel_stage,
        model_signals.points

    from {{ ref('int_signals') }} as signals
    inner join {{ ref('int_scoring_model_signals') }} as model_signals
        on signals.signal = model_signals.signal
    where
        model_signals.scoring_model = {{ primary_model() }}
        and signals.funnel_stage <> 'opportunity'

),

totals as (

    select
        outcome_names.outcome,
        count(outcomes.account_id) as n,
        count(distinct outcomes.account_id) as accounts,
        coalesce(sum(outcomes.converted), 0) as converted,
        count(distinct case when outcomes.converted = 1 then outcomes.account_id end)
            as converted_accounts

    from outcome_names
    left join landmark_outcomes as outcomes on outcome_names.outcome = outcomes.outcome
    group by outcome_names.outcome

),

account_counts as (

    select
        landmark_outcomes.outcome,
        shown.signal,
        landmark_outcomes.account_id,
        landmark_outcomes.account_rows,
        count(*) as n,
        sum(landmark_outcomes.converted) as converted,
        {{ exact_sum('landmark_outcomes.landmark_rate') }} as expected

    from landmark_outcomes
    inner join {{ ref('int_landmark_signals') }} as shown
        on
            landmark_outcomes.landmark_on = shown.landmark_on
            and landmark_outcomes.account_id = shown.account_id
    group by
        landmark_outcomes.outcome,
        shown.signal,
        landmark_outcomes.account_id,
        landmark_outcomes.account_rows

),

counts as (

    select
        outcome,
        signal,
        sum(n) as n,
        count(*) as accounts,
        count(case when n = account_rows then 1 end) as accounts_always,
        sum(converted) as converted,
        {{ exact_sum('expected') }} as expected

    from account_counts
    group by outcome, signal

),

compared as (

    select
        totals.outcome,
        signals.*,
        counts.expected,
        cast(coalesce(counts.n, 0) as integer) as n_with,
        cast(totals.n - coalesce(counts.n, 0) as integer) as n_without,
        cast(coalesce(counts.accounts, 0) as integer) as accounts_with,
        cast(totals.accounts - coalesce(counts.accounts_always, 0) as integer) as accounts_without,
        cast(coalesce(counts.converted, 0) as integer) as converted_with,
        cast(totals.converted - coalesce(counts.converted, 0) as integer) as converted_without,
        totals.converted_accounts

    from totals
    cross join signals
    left join counts on totals.outcome = counts.outcome and signals.signal = counts.signal

),

judged as (

    select
        *,
        {{ data_verdict('least(accounts_with, accounts_without)', 'converted_accounts') }}
            as verdict

    from compared

),

final as (

    select
        outcome,
        signal,
        label,
        funnel_stage,
        points,
        n_with,
        n_without,
        accounts_with,
        accounts_without,
        converted_with,
        converted_without,
        {{ if_enough(double('converted_with') ~ ' / nullif(n_with, 0)') }} as rate_with,
        {{ if_enough(wilson_bound('-', 'converted_with', 'n_with')) }} as rate_with_low,
        {{ if_enough(wilson_bound('+', 'converted_with', 'n_with')) }} as rate_with_high,
        {{ if_enough(double('converted_without') ~ ' / nullif(n_without, 0)') }} as rate_without,
        {{ if_enough(wilson_bound('-', 'converted_without', 'n_without')) }} as rate_without_low,
        {{ if_enough(wilson_bound('+', 'converted_without', 'n_without')) }} as rate_without_high,
        {{ measured('coalesce(expected, 0)') }} as expected_converted_with,
        {{ if_enough('converted_with / nullif(expected, 0)') }} as lift,
        verdict

    from judged

)

select * from final
