{#
  One row per question, scoring model, outcome and alert threshold: the rows of the backtest it is
  about, all others, and the conversions of both. Questions about crossings use the primary scoring
  model only, because only that has a score for every day.
#}
with

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

thresholds as (

    {{ alert_thresholds() }}

),

landmarks as (

    select
        landmarks.landmark_on,
        {{ add_days('landmarks.landmark_on', '-' ~ var('crossing_window_days')) }} as starts_after,
        max(landmarks.landmark_on) over () as newest_landmark_on,
        {{ first_history_day('as_of.as_of_date') }} as first_history_day

    from {{ ref('int_landmarks') }} as landmarks
    cross join {{ ref('int_as_of_date') }} as as_of
    where landmarks.is_used

),

crossings as (

    select distinct
        scoring_models.scoring_model,
        landmarks.landmark_on,
        rises.account_id,
        thresholds.threshold

    from {{ ref('int_score_rises') }} as rises
    inner join {{ ref('scoring_models') }} as scoring_models on scoring_models.is_primary
    inner join thresholds
        on rises.score_before < thresholds.threshold and rises.score >= thresholds.threshold
    inner join landmarks
        on rises.score_date > landmarks.starts_after and rises.score_date <= landmarks.landmark_on

),

crossing_questions as (

    {% for kind, words in conversion_question_kinds().items() if words.is_daily %}
    select '{{ kind }}' as question_kind
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

question_rows as (

    select
        'above_threshold' as question_kind,
        outcomes.*,
        thresholds.threshold,
        outcomes.score >= thresholds.threshold as is_asked

    from outcomes
    cross join thresholds

    union all

    -- crossings before the first day of the history are unknown
    select
        question_kinds.question_kind,
        outcomes.*,
        thresholds.threshold,
        crossings.account_id is not null as is_asked

    from outcomes
    inner join landmarks
        on
            outcomes.landmark_on = landmarks.landmark_on
            and landmarks.starts_after >= landmarks.first_history_day
    inner join {{ ref('scoring_models') }} as scoring_models
        on outcomes.scoring_model = scoring_models.scoring_model and scoring_models.is_primary
    inner join crossing_questions as question_kinds
        on
            question_kinds.question_kind = 'crossed_before_any_landmark'
            or landmarks.landmark_on = landmarks.newest_landmark_on
    cross join thresholds
    left join crossings
        on
            outcomes.scoring_model = crossings.scoring_model
            and outcomes.landmark_on = crossings.landmark_on
            and outcomes.account_id = crossings.account_id
            and thresholds.threshold = crossings.threshold

),

final as (

    select
        question_kind,
        scoring_model,
        outcome,
        threshold,
        min(landmark_on) as first_landmark_on,
        max(landmark_on) as last_landmark_on,
        cast(count(case when is_asked then 1 end) as integer) as n,
        cast(count(distinct case when is_asked then account_id end) as integer) as accounts,
        cast(sum(case when is_asked then converted else 0 end) as integer) as converted,
        cast(count(case when not is_asked then 1 end) as integer) as other_n,
        cast(count(distinct case when not is_asked then account_id end) as integer)
            as other_accounts,
        cast(sum(case when is_asked then 0 else converted end) as integer) as other_converted,
        cast(count(distinct case when converted = 1 then account_id end) as integer)
            as converted_accounts,
        {{ exact_sum('case when is_asked then landmark_rate else 0 end') }} as expected

    from question_rows
    group by question_kind, scoring_model, outcome, threshold

)

select * from final
