{#
  One row per outcome and signal that can predict one: how many rows of the landmark backtest with
  and without the signal converted, and by how much that differs.
#}
{%- set sides = ('converted_with', 'n_with', 'converted_without', 'n_without') -%}
with

outcomes as (

    -- who is eligible and what became of him does not depend on the scoring model
    select distinct
        landmark_on,
        account_id,
        outcome,
        converted

    from {{ ref('int_landmark_outcomes') }}

),

signals as (

    -- an opportunity signal says that there is a deal, whatever the CRM says; no eligible account
    -- has one, and none may predict
    select * from {{ ref('int_signals') }}
    where funnel_stage <> 'opportunity'

),

shown_signals as (

    select * from {{ ref('int_landmark_signals') }}
    where recent_event_count > 0

),

account_totals as (

    select
        outcome,
        account_id,
        count(*) as n,
        sum(converted) as converted

    from outcomes
    group by outcome, account_id

),

account_shown as (

    select
        outcomes.outcome,
        shown_signals.signal,
        outcomes.account_id,
        count(*) as n,
        sum(outcomes.converted) as converted

    from outcomes
    inner join shown_signals
        on
            outcomes.landmark_on = shown_signals.landmark_on
            and outcomes.account_id = shown_signals.account_id
    group by outcomes.outcome, shown_signals.signal, outcomes.account_id

),

account_counts as (

    select
        account_totals.outcome,
        signals.signal,
        account_totals.account_id,
        coalesce(account_shown.n, 0) as n_with,
        coalesce(account_shown.converted, 0) as converted_with,
        account_totals.n - coalesce(account_shown.n, 0) as n_without,
        account_totals.converted - coalesce(account_shown.converted, 0) as converted_without

    from account_totals
    cross join signals
    left join account_shown
        on
            account_totals.outcome = account_shown.outcome
            and signals.signal = account_shown.signal
            and account_totals.account_id = account_shown.account_id

),

counts as (

    select
        outcome,
        signal,
        count(*) as accounts,
        sum(n_with) as n_with,
        sum(n_without) as n_without,
        sum(converted_with) as converted_with,
        sum(converted_without) as converted_without,
        sum(case when n_with > 0 then 1 else 0 end) as accounts_with,
        sum(case when n_without > 0 then 1 else 0 end) as accounts_without,
        sum(case when converted_with + converted_without > 0 then 1 else 0 end)
            as converted_accounts

    from account_counts
    group by outcome, signal

),

clustered as (

    select
        account_counts.outcome,
        account_counts.signal,
        {%- set account = (
            'account_counts.converted_with', 'account_counts.n_with',
            'account_counts.converted_without', 'account_counts.n_without'
        ) %}
        {%- set totals = (
            'counts.converted_with', 'counts.n_with', 'counts.converted_without', 'counts.n_without'
        ) %}
        {{ exact_sum('power(' ~ log_odds_ratio_residual(account, totals) ~ ', 2)') }}
            as squared_residuals

    from account_counts
    inner join counts
        on
            account_counts.outcome = counts.outcome
            and account_counts.signal = counts.signal
    group by account_counts.outcome, account_counts.signal

),

judged as (

    select
        counts.*,
        {{ log_odds_ratio_variance(*totals) }} as log_odds_variance,
        clustered.squared_residuals * counts.accounts / nullif(counts.accounts - 1, 0)
            as clustered_variance,
        {{ data_verdict(
            'least(counts.accounts_with, counts.accounts_without)', 'counts.converted_accounts'
        ) }} as verdict

    from counts
    inner join clustered
        on counts.outcome = clustered.outcome and counts.signal = clustered.signal

),

measured as (

    -- what there is too little of is null, and so is all that is made of it
    select
        *,
        case when verdict = 'enough data' then {{ log_odds_ratio(*sides) }} end as log_odds,
        case when verdict = 'enough data' then {{ information_value(*sides) }} end
            as information_value

    from judged

),

final as (

    select
        outcome,
        signal,
        cast(n_with as integer) as n_with,
        cast(n_without as integer) as n_without,
        cast(accounts_with as integer) as accounts_with,
        cast(accounts_without as integer) as accounts_without,
        cast(converted_with as integer) as converted_with,
        cast(converted_without as integer) as converted_without,
        cast(converted_accounts as integer) as converted_accounts,
        {{ measured('log_odds') }} as log_odds,
        {{ measured('log_odds - ' ~ interval_reach('log_odds_variance')) }} as log_odds_low,
        {{ measured('log_odds + ' ~ interval_reach('log_odds_variance')) }} as log_odds_high,
        -- accounts that happen to be more alike than chance would have it make no interval shorter
        {{ measured(
            'log_odds - ' ~ interval_reach('greatest(log_odds_variance, clustered_variance)')
        ) }} as clustered_log_odds_low,
        {{ measured(
            'log_odds + ' ~ interval_reach('greatest(log_odds_variance, clustered_variance)')
        ) }} as clustered_log_odds_high,
        {{ measured('information_value') }} as information_value,
        verdict,
        case
            when verdict <> 'enough data' then verdict
            when converted_accounts < {{ var('review_min_conversions') }}
                then
                    'not enough data: fewer than {{ var("review_min_conversions") }} '
                    || 'accounts converted'
            else 'enough data'
        end as review_verdict

    from measured

)

select * from final
