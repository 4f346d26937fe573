{#
  One row per question, scoring model, outcome and alert threshold, with its answer as a sentence:
  do accounts above the threshold, or that crossed it, become opportunities more often?
#}
{% set horizon = var('outcome_horizon_days') ~ ' days' %}
{% set window = var('crossing_window_days') ~ ' days' %}
{% set sides = ('successes', 'trials', 'other_successes', 'other_trials') %}
with

scoring_models as (

    select scoring_model from {{ ref('scoring_models') }}

),

alert_rules as (

    select * from {{ ref('alert_rules') }}
    where kind = 'threshold' and is_active

),

answers as (

    select * from {{ ref('int_conversion_questions') }}

),

thresholds as (

    select
        cast(ceil(threshold) as integer) as threshold,
        {{ ordered_text('notify_role') }} as notify_roles

    from alert_rules
    group by ceil(threshold)

),

outcome_words as (

    select
        'opportunity_created' as outcome,
        'became opportunities' as outcome_words
    union all
    select
        'won' as outcome,
        'were won' as outcome_words

),

questions as (

    select
        'above_threshold' as question_kind,
        'with a score of at least ' as exposed_before,
        '' as exposed_after,
        'of those below it' as other_words
    union all
    select
        'crossed_before_newest_landmark' as question_kind,
        'whose score crossed ' as exposed_before,
        ' in the {{ window }} before the newest landmark' as exposed_after,
        'of those that did not' as other_words
    union all
    select
        'crossed_before_any_landmark' as question_kind,
        'whose score crossed ' as exposed_before,
        ' in the {{ window }} before a landmark' as exposed_after,
        'of those that did not' as other_words

),

wanted as (

    select
        questions.question_kind,
        scoring_models.scoring_model,
        outcome_words.outcome,
        thresholds.threshold,
        thresholds.notify_roles,
        outcome_words.outcome_words,
        questions.other_words,
        questions.exposed_before || {{ integer_text('thresholds.threshold') }}
        || questions.exposed_after as exposed_words

    from questions
    cross join scoring_models
    cross join outcome_words
    cross join thresholds

),

counted as (

    select
        wanted.question_kind,
        wanted.scoring_model,
        wanted.outcome,
        wanted.threshold,
        wanted.notify_roles,
        wanted.outcome_words,
        wanted.other_words,
        wanted.exposed_words,
        answers.first_landmark_on,
        answers.last_landmark_on,
        coalesce(answers.n, 0) as n,
        coalesce(answers.accounts, 0) as accounts,
        coalesce(answers.converted, 0) as converted,
        coalesce(answers.other_n, 0) as other_n,
        coalesce(answers.other_accounts, 0) as other_accounts,
        coalesce(answers.other_converted, 0) as other_converted,
        coalesce(answers.converted_accounts, 0) as converted_accounts,
        answers.log_ratio_variance

    from wanted
    left join answers
        on
            wanted.question_kind = answers.question_kind
            and wanted.scoring_model = answers.scoring_model
            and wanted.outcome = answers.outcome
            and wanted.threshold = answers.threshold

),

judged as (

    select
        *,
        {{ data_verdict('least(accounts, other_accounts)', 'converted_accounts') }} as verdict

    from counted

),

measurable as (

    select
        *,
        case when verdict = 'enough data' then n end as trials,
        case when verdict = 'enough data' then converted end as successes,
        case when verdict = 'enough data' then other_n end as other_trials,
        case when verdict = 'enough data' then other_converted end as other_successes

    from judged

),

compared as (

    select
        *,
        case when verdict = 'enough data' then {{ interval_reach('log_ratio_variance') }} end
            as log_ratio_reach,
        {{ measured(double('successes') ~ ' / trials') }} as rate,
        {{ measured(wilson_bound('-', 'successes', 'trials')) }} as rate_low,
        {{ measured(wilson_bound('+', 'successes', 'trials')) }} as rate_high,
        {{ measured(double('other_successes') ~ ' / other_trials') }} as other_rate,
        {{ measured(wilson_bound('-', 'other_successes', 'other_trials')) }} as other_rate_low,
        {{ measured(wilson_bound('+', 'other_successes', 'other_trials')) }} as other_rate_high,
        {{ measured(risk_ratio(*sides)) }} as risk_ratio,
        {{ measured(risk_ratio_bound('-', *sides)) }} as risk_ratio_low,
        {{ measured(risk_ratio_bound('+', *sides)) }} as risk_ratio_high

    from measurable

),

clustered as (

    -- where one side has no conversion there is nothing to see how accounts depend on themselves
    select
        *,
        coalesce({{ measured('risk_ratio * exp(-log_ratio_reach)') }}, risk_ratio_low)
            as clustered_risk_ratio_low,
        coalesce({{ measured('risk_ratio * exp(log_ratio_reach)') }}, risk_ratio_high)
            as clustered_risk_ratio_high

    from compared

),

final as (

    select
        question_kind,
        scoring_model,
        outcome,
        threshold,
        notify_roles,
        'What share of the accounts ' || exposed_words || ' ' || outcome_words
        || ' within {{ horizon }}, and ' || other_words || '?' as question,
        case
            when verdict <> 'enough data' then 'N' || substr(verdict, 2) || '.'
            else
                {{ percent_text('rate') }} || ' (' || {{ integer_text('converted') }} || ' of '
                || {{ integer_text('n') }} || '; {{ interval_level() }} interval '
                || {{ percent_text('rate_low') }} || ' to ' || {{ percent_text('rate_high') }}
                || '), and ' || other_words || ' ' || {{ percent_text('other_rate') }}
                || ' (' || {{ integer_text('other_converted') }} || ' of '
                || {{ integer_text('other_n') }} || '). '
                || case
                    when clustered_risk_ratio_low > 1 then 'That is more: '
                    when clustered_risk_ratio_high < 1 then 'That is less: '
                    else 'That is no clear difference: '
                end
                || coalesce({{ ratio_text('risk_ratio') }} || ' times as often, ', '')
                || '{{ interval_level() }} interval '
                || {{ ratio_text('clustered_risk_ratio_low') }} || ' to '
                || {{ ratio_text('clustered_risk_ratio_high') }} || '.'
        end as answer,
        first_landmark_on,
        last_landmark_on,
        n,
        accounts,
        converted,
        rate,
        rate_low,
        rate_high,
        other_n,
        other_accounts,
        other_converted,
        other_rate,
        other_rate_low,
        other_rate_high,
        risk_ratio,
        risk_ratio_low,
        risk_ratio_high,
        clustered_risk_ratio_low,
        clustered_risk_ratio_high,
        verdict

    from clustered

)

select * from final
