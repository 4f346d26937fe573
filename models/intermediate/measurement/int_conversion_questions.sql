{#
  One row per question, scoring model, outcome and threshold: how many rows of the landmark backtest
  the question is about, how many others it compares them with, and how many of both converted.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

rises as (

    select * from {{ ref('int_score_rises') }}

),

alert_rules as (

    select * from {{ ref('alert_rules') }}
    where kind = 'threshold' and is_active

),

thresholds as (

    -- scores are whole numbers, and an alert fires at its threshold
    select distinct cast(ceil(threshold) as integer) as threshold
    from alert_rules

),

landmarks as (

    select
        landmark_on,
        {{ add_days('landmark_on', '-' ~ var('crossing_window_days')) }} as window_starts_after,
        max(landmark_on) over () as newest_landmark_on

    from {{ ref('int_landmarks') }}
    where is_complete

),

observed_landmarks as (

    -- a crossing before the first day of the history could not be seen
    select landmarks.*
    from landmarks
    cross join as_of
    where landmarks.window_starts_after >= {{ first_history_day('as_of.as_of_date') }}

),

crossings as (

    select distinct
        observed_landmarks.landmark_on,
        rises.account_id,
        rises.scoring_model,
        thresholds.threshold

    from rises
    inner join thresholds
        on
            rises.score_before < thresholds.threshold
            and rises.score >= thresholds.threshold
    inner join observed_landmarks
        on
            rises.score_date > observed_landmarks.window_starts_after
            and rises.score_date <= observed_landmarks.landmark_on

),

above_threshold as (

    select
        'above_threshold' as question_kind,
        outcomes.scoring_model,
        outcomes.outcome,
        thresholds.threshold,
        outcomes.landmark_on,
        outcomes.account_id,
        outcomes.converted,
        outcomes.score >= thresholds.threshold as is_exposed

    from outcomes
    cross join thresholds

),

crossed_before_landmark as (

    select
        'crossed_before_any_landmark' as question_kind,
        outcomes.scoring_model,
        outcomes.outcome,
        thresholds.threshold,
        outcomes.landmark_on,
        outcomes.account_id,
        outcomes.converted,
        crossings.account_id is not null as is_exposed

    from outcomes
    inner join observed_landmarks on outcomes.landmark_on = observed_landmarks.landmark_on
    cross join thresholds
    left join crossings
        on
            outcomes.landmark_on = crossings.landmark_on
            and outcomes.account_id = crossings.account_id
            and outcomes.scoring_model = crossings.scoring_model
            and thresholds.threshold = crossings.threshold

),

crossed_before_newest_landmark as (

    select
        'crossed_before_newest_landmark' as question_kind,
        scoring_model,
        outcome,
        threshold,
        landmark_on,
        account_id,
        converted,
        is_exposed

    from crossed_before_landmark
    where landmark_on = (select max(newest_landmark_on) from landmarks)

),

question_rows as (

    select * from above_threshold
    union all
    select * from crossed_before_landmark
    union all
    select * from crossed_before_newest_landmark

),

account_sums as (

    select
        question_kind,
        scoring_model,
        outcome,
        threshold,
        account_id,
        min(landmark_on) as first_landmark_on,
        max(landmark_on) as last_landmark_on,
        sum(case when is_exposed then 1 else 0 end) as n,
        sum(case when is_exposed then converted else 0 end) as converted,
        sum(case when is_exposed then 0 else 1 end) as other_n,
        sum(case when is_exposed then 0 else converted end) as other_converted

    from question_rows
    group by question_kind, scoring_model, outcome, threshold, account_id

),

question_sums as (

    select
        question_kind,
        scoring_model,
        outcome,
        threshold,
        min(first_landmark_on) as first_landmark_on,
        max(last_landmark_on) as last_landmark_on,
        sum(n) as n,
        sum(case when n > 0 then 1 else 0 end) as accounts,
        sum(converted) as converted,
        sum(other_n) as other_n,
        sum(case when other_n > 0 then 1 else 0 end) as other_accounts,
        sum(other_converted) as other_converted,
        sum(case when converted + other_converted > 0 then 1 else 0 end) as converted_accounts

    from account_sums
    group by question_kind, scoring_model, outcome, threshold

),

account_residuals as (

    -- what an account adds to the logarithm of the risk ratio; null where a side has no conversion
    select
        account_sums.question_kind,
        account_sums.scoring_model,
        account_sums.outcome,
        account_sums.threshold,
        {{ double('account_sums.converted') }} / nullif(question_sums.converted, 0)
        - {{ double('account_sums.n') }} / nullif(question_sums.n, 0)
        - {{ double('account_sums.other_converted') }} / nullif(question_sums.other_converted, 0)
        + {{ double('account_sums.other_n') }} / nullif(question_sums.other_n, 0) as residual

    from account_sums
    inner join question_sums
        on
            account_sums.question_kind = question_sums.question_kind
            and account_sums.scoring_model = question_sums.scoring_model
            and account_sums.outcome = question_sums.outcome
            and account_sums.threshold = question_sums.threshold

),

variances as (

    select
        question_kind,
        scoring_model,
        outcome,
        threshold,
        {{ exact_sum('power(residual, 2)') }} * count(*) / nullif(count(*) - 1, 0)
            as log_ratio_variance

    from account_residuals
    group by question_kind, scoring_model, outcome, threshold

),

final as (

    select
        question_sums.question_kind,
        question_sums.scoring_model,
        question_sums.outcome,
        question_sums.threshold,
        question_sums.first_landmark_on,
        question_sums.last_landmark_on,
        cast(question_sums.n as integer) as n,
        cast(question_sums.accounts as integer) as accounts,
        cast(question_sums.converted as integer) as converted,
        cast(question_sums.other_n as integer) as other_n,
        cast(question_sums.other_accounts as integer) as other_accounts,
        cast(question_sums.other_converted as integer) as other_converted,
        cast(question_sums.converted_accounts as integer) as converted_accounts,
        variances.log_ratio_variance

    from question_sums
    inner join variances
        on
            question_sums.question_kind = variances.question_kind
            and question_sums.scoring_model = variances.scoring_model
            and question_sums.outcome = variances.outcome
            and question_sums.threshold = variances.threshold

)

select * from final
