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
    select * from {{ ref('int_landmark_outcomes') }}
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

counts as (

    select
        outcome_names.outcome,
        signals.signal,
        signals.label,
        signals.funnel_stage,
        signals.points,
        count(shown.signal) as n_with,
        count(outcomes.account_id) - count(shown.signal) as n_without,
        count(distinct case when shown.signal is not null then outcomes.account_id end)
            as accounts_with,
        count(distinct case when shown.signal is null then outcomes.account_id end)
            as accounts_without,
        coalesce(sum(case when shown.signal is not null then outcomes.converted end), 0)
            as converted_with,
        coalesce(sum(case when shown.signal is null then outcomes.converted end), 0)
            as converted_without,
        count(distinct case when outcomes.converted = 1 then outcomes.account_id end)
            as converted_accounts,
        {{ exact_sum('case when shown.signal is not null then outcomes.landmark_rate end') }}
            as expected

    from outcome_names
    cross join signals
    left join landmark_outcomes as outcomes on outcome_names.outcome = outcomes.outcome
    left join {{ ref('int_landmark_signals') }} as shown
        on
            outcomes.landmark_on = shown.landmark_on
            and outcomes.account_id = shown.account_id
            and signals.signal = shown.signal
    group by
        outcome_names.outcome, signals.signal, signals.label, signals.funnel_stage, signals.points

),

judged as (

    select
        *,
        {{ data_verdict('least(accounts_with, accounts_without)', 'converted_accounts') }}
            as verdict

    from counts

),

final as (

    select
        outcome,
        signal,
        label,
        funnel_stage,
        points,
        cast(n_with as integer) as n_with,
        cast(n_without as integer) as n_without,
        cast(accounts_with as integer) as accounts_with,
        cast(accounts_without as integer) as accounts_without,
        cast(converted_with as integer) as converted_with,
        cast(converted_without as integer) as converted_without,
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
