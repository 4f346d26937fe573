{#
  One row per scoring model, outcome and threshold: what would come of working all accounts whose
  score is at least the threshold.
#}
{# the first day of the history has no day before, and so no crossing #}
{% set observed_days = var('history_days') | int - 1 %}
with

scoring_models as (

    select scoring_model from {{ ref('scoring_models') }}

),

prospects as (

    select * from {{ ref('int_prospect_accounts') }}

),

present_scores as (

    select * from {{ ref('int_account_scores') }}

),

alert_rules as (

    select * from {{ ref('alert_rules') }}
    where kind = 'threshold' and is_active

),

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

rises as (

    select * from {{ ref('int_score_rises') }}

),

totals as (

    select * from {{ ref('ranking_quality') }}

),

thresholds as (

    select
        scoring_models.scoring_model,
        numbers.number as threshold

    from {{ ref('int_numbers') }} as numbers
    cross join scoring_models
    where numbers.number <= {{ var('highest_threshold') }}

),

rise_counts as (

    select
        scoring_model,
        score_before,
        score,
        count(*) as rises

    from rises
    group by scoring_model, score_before, score

),

crossings as (

    select
        thresholds.scoring_model,
        thresholds.threshold,
        sum(rise_counts.rises) as crossings

    from thresholds
    inner join rise_counts
        on
            thresholds.scoring_model = rise_counts.scoring_model
            and thresholds.threshold > rise_counts.score_before
            and thresholds.threshold <= rise_counts.score
    group by thresholds.scoring_model, thresholds.threshold

),

capacity as (

    select greatest(count(distinct owner_email), 1) as owners
    from prospects

),

volumes as (

    select
        thresholds.scoring_model,
        thresholds.threshold,
        capacity.owners * {{ var('owner_capacity_per_week') }} as weekly_capacity,
        coalesce(crossings.crossings, 0) * 7
        / {{ double('nullif(' ~ observed_days ~ ', 0)') }} as alerts_per_week

    from thresholds
    cross join capacity
    left join crossings
        on
            thresholds.scoring_model = crossings.scoring_model
            and thresholds.threshold = crossings.threshold

),

capacity_thresholds as (

    -- the lowest threshold from which on no more alerts come than can be worked; nobody crosses 0
    select
        scoring_model,
        coalesce(
            max(case when alerts_per_week > weekly_capacity then threshold end), 0
        ) + 1 as threshold

    from volumes
    group by scoring_model

),

present_counts as (

    select
        present_scores.scoring_model,
        present_scores.score,
        count(*) as accounts

    from present_scores
    inner join prospects on present_scores.account_id = prospects.account_id
    group by present_scores.scoring_model, present_scores.score

),

present_accounts as (

    select
        thresholds.scoring_model,
        thresholds.threshold,
        sum(present_counts.accounts) as accounts

    from thresholds
    inner join present_counts
        on
            thresholds.scoring_model = present_counts.scoring_model
            and thresholds.threshold <= present_counts.score
    group by thresholds.scoring_model, thresholds.threshold

),

alert_roles as (

    -- scores are whole numbers
    select
        cast(ceil(threshold) as integer) as threshold,
        {{ ordered_text('notify_role') }} as notify_roles

    from alert_rules
    group by ceil(threshold)

),

score_counts as (

    select
        scoring_model,
        outcome,
        score,
        count(*) as n,
        sum(converted) as converted

    from outcomes
    group by scoring_model, outcome, score

),

account_maxima as (

    -- an account is above all thresholds up to its highest score
    select
        scoring_model,
        outcome,
        account_id,
        max(score) as max_score

    from outcomes
    group by scoring_model, outcome, account_id

),

account_counts as (

    select
        scoring_model,
        outcome,
        max_score,
        count(*) as accounts

    from account_maxima
    group by scoring_model, outcome, max_score

),

rows_above as (

    select
        thresholds.scoring_model,
        score_counts.outcome,
        thresholds.threshold,
        sum(score_counts.n) as n,
        sum(score_counts.converted) as converted

    from thresholds
    inner join score_counts
        on
            thresholds.scoring_model = score_counts.scoring_model
            and thresholds.threshold <= score_counts.score
    group by thresholds.scoring_model, score_counts.outcome, thresholds.threshold

),

accounts_above as (

    select
        thresholds.scoring_model,
        account_counts.outcome,
        thresholds.threshold,
        sum(account_counts.accounts) as accounts

    from thresholds
    inner join account_counts
        on
            thresholds.scoring_model = account_counts.scoring_model
            and thresholds.threshold <= account_counts.max_score
    group by thresholds.scoring_model, account_counts.outcome, thresholds.threshold

),

counted as (

    select
        volumes.scoring_model,
        totals.outcome,
        volumes.threshold,
        alert_roles.notify_roles,
        volumes.alerts_per_week,
        capacity_thresholds.threshold is not null as fills_capacity,
        cast(coalesce(present_accounts.accounts, 0) as integer) as accounts_today,
        cast(coalesce(rows_above.n, 0) as integer) as n,
        cast(coalesce(accounts_above.accounts, 0) as integer) as accounts,
        cast(coalesce(rows_above.converted, 0) as integer) as converted,
        totals.converted as total_converted,
        totals.converted_accounts

    from volumes
    inner join totals on volumes.scoring_model = totals.scoring_model
    left join alert_roles on volumes.threshold = alert_roles.threshold
    left join capacity_thresholds
        on
            volumes.scoring_model = capacity_thresholds.scoring_model
            and volumes.threshold = capacity_thresholds.threshold
    left join present_accounts
        on
            volumes.scoring_model = present_accounts.scoring_model
            and volumes.threshold = present_accounts.threshold
    left join rows_above
        on
            volumes.scoring_model = rows_above.scoring_model
            and totals.outcome = rows_above.outcome
            and volumes.threshold = rows_above.threshold
    left join accounts_above
        on
            volumes.scoring_model = accounts_above.scoring_model
            and totals.outcome = accounts_above.outcome
            and volumes.threshold = accounts_above.threshold

),

judged as (

    select
        *,
        {{ data_verdict('accounts', 'converted_accounts') }} as verdict

    from counted

),

measurable as (

    select
        *,
        case when verdict = 'enough data' then n end as trials,
        case when verdict = 'enough data' then converted end as successes

    from judged

),

final as (

    select
        scoring_model,
        outcome,
        threshold,
        notify_roles,
        fills_capacity,
        {{ measured('alerts_per_week') }} as alerts_per_week,
        accounts_today,
        n,
        accounts,
        converted,
        {{ measured(double('successes') ~ ' / trials') }} as precision_rate,
        {{ measured(wilson_bound('-', 'successes', 'trials')) }} as precision_low,
        {{ measured(wilson_bound('+', 'successes', 'trials')) }} as precision_high,
        {{ measured(double('successes') ~ ' / total_converted') }} as recall,
        {{ measured('2 * ' ~ double('successes') ~ ' / (trials + total_converted)') }} as f1,
        verdict

    from measurable

)

select * from final
