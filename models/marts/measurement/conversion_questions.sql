{#
  One row per question, scoring model, outcome and alert threshold, with the answer as a sentence.
  Do accounts that are above the threshold, or crossed it, become opportunities more often?
#}
{% set horizon = var('outcome_horizon_days') ~ ' days' %}
with

counts as (

    select * from {{ ref('int_conversion_questions') }}

),

outcome_names as (

    {{ outcome_rows() }}

),

question_kinds as (

    {% for kind, words in conversion_question_kinds().items() %}
    select
        '{{ kind }}' as question_kind,
        '{{ words.asked }}' as asked_words,
        '{{ words.when }}' as when_words,
        '{{ words.others }}' as other_words,
        {{ words.is_daily }} as is_daily
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

thresholds as (

    {{ alert_thresholds() }}

),

questions as (

    -- a question without data has a row too
    select
        question_kinds.question_kind,
        scoring_models.scoring_model,
        outcome_names.outcome,
        thresholds.threshold,
        thresholds.notify_roles,
        question_kinds.other_words,
        question_kinds.asked_words || {{ integer_text('thresholds.threshold') }}
        || question_kinds.when_words as asked_words,
        case
            when outcome_names.outcome = 'won' then 'were won' else 'became opportunities'
        end as outcome_words

    from question_kinds
    inner join {{ ref('scoring_models') }} as scoring_models
        on scoring_models.is_primary or not question_kinds.is_daily
    cross join outcome_names
    cross join thresholds

),

judged as (

    select
        questions.*,
        counts.first_landmark_on,
        counts.last_landmark_on,
        counts.expected,
        coalesce(counts.n, 0) as n,
        coalesce(counts.accounts, 0) as accounts,
        coalesce(counts.converted, 0) as converted,
        coalesce(counts.other_n, 0) as other_n,
        coalesce(counts.other_accounts, 0) as other_accounts,
        coalesce(counts.other_converted, 0) as other_converted,
        {{ data_verdict(
            'coalesce(least(counts.accounts, counts.other_accounts), 0)',
            'coalesce(counts.converted_accounts, 0)'
        ) }} as verdict

    from questions
    left join counts
        on
            questions.question_kind = counts.question_kind
            and questions.scoring_model = counts.scoring_model
            and questions.outcome = counts.outcome
            and questions.threshold = counts.threshold

),

rated as (

    select
        *,
        {{ if_enough(double('converted') ~ ' / nullif(n, 0)') }} as rate,
        {{ if_enough(wilson_bound('-', 'converted', 'n')) }} as rate_low,
        {{ if_enough(wilson_bound('+', 'converted', 'n')) }} as rate_high,
        {{ if_enough(double('other_converted') ~ ' / nullif(other_n, 0)') }} as other_rate,
        {{ if_enough(wilson_bound('-', 'other_converted', 'other_n')) }} as other_rate_low,
        {{ if_enough(wilson_bound('+', 'other_converted', 'other_n')) }} as other_rate_high,
        {{ if_enough('converted / nullif(expected, 0)') }} as lift

    from judged

),

final as (

    select
        question_kind,
        scoring_model,
        outcome,
        threshold,
        notify_roles,
        'What share of the accounts ' || asked_words || ' ' || outcome_words
        || ' within {{ horizon }}, and of ' || other_words || '?' as question,
        case
            when verdict <> 'enough data' then 'N' || substr(verdict, 2) || '.'
            else
                {{ percent_text('rate') }} || ' (' || {{ integer_text('converted') }} || ' of '
                || {{ integer_text('n') }} || '; {{ interval_level() }} interval '
                || {{ percent_text('rate_low') }} || ' to ' || {{ percent_text('rate_high') }}
                || '), and of ' || other_words || ' ' || {{ percent_text('other_rate') }} || ' ('
                || {{ integer_text('other_converted') }} || ' of '
                || {{ integer_text('other_n') }} || '; ' || {{ percent_text('other_rate_low') }}
                || ' to ' || {{ percent_text('other_rate_high') }} || ').'
                || coalesce(
                    ' Compared with the average account of the same landmarks, the first convert '
                    || {{ number_text('lift') }} || ' times as often.', ''
                )
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
        lift,
        verdict

    from rated

)

select * from final
