-- What share of the accounts above a threshold, or that crossed it, became opportunities?
select
    question_kind,
    threshold,
    answer

from {{ ref('conversion_questions') }}
where
    outcome = 'opportunity_created'
    and scoring_model = {{ primary_model() }}
order by threshold, question_kind
