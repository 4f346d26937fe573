{#
  One row per outcome and signal that can predict it: how many accounts with and without the signal
  converted. The review says whether the points should change.
#}
with

landmark_outcomes as (

    -- eligibility and outcomes don't depend on the scoring model
    select outcomes.*
    from {{ ref('int_landmark_outcomes') }} as outcomes
    inner join {{ ref('scoring_models') }} as scoring_models
        on outcomes.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

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
    inner join {{ ref('scoring_models') }} as scoring_models
        on model_signals.scoring_model = scoring_models.scoring_model and scoring_models.is_primary
    where signals.funnel_stage <> 'opportunity'

),

totals as (

    select
        outcome,
        count(*) as n,
        sum(converted) as converted,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from landmark_outcomes
    group by outcome

),

account_counts as (

    select
        landmark_outcomes.outcome,
        shown.signal,
        landmark_outcomes.account_id,
        count(*) as n,
        sum(landmark_outcomes.converted) as converted,
        {{ exact_sum('landmark_outcomes.landmark_rate') }} as expected

    from landmark_outcomes
    inner join {{ ref('int_landmark_signals') }} as shown
        on
            landmark_outcomes.landmark_on = shown.landmark_on
            and landmark_outcomes.account_id = shown.account_id
    group by landmark_outcomes.outcome, shown.signal, landmark_outcomes.account_id

),

counts as (

    select
        outcome,
        signal,
        sum(n) as n,
        count(*) as accounts,
        sum(converted) as converted,
        {{ exact_sum('expected') }} as expected

    from account_counts
    group by outcome, signal

),

judged as (

    select
        totals.outcome,
        signals.*,
        counts.expected,
        cast(coalesce(counts.n, 0) as integer) as n_with,
        cast(totals.n - coalesce(counts.n, 0) as integer) as n_without,
        cast(coalesce(counts.accounts, 0) as integer) as accounts_with,
        cast(coalesce(counts.converted, 0) as integer) as converted_with,
        cast(totals.converted - coalesce(counts.converted, 0) as integer) as converted_without,
        {{ data_verdict('coalesce(counts.accounts, 0)', 'totals.converted_accounts') }} as verdict

    from totals
    cross join signals
    left join counts on totals.outcome = counts.outcome and signals.signal = counts.signal

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
