-- An account without any known event by a landmark has 0 points on it. Later events, and visits
-- whose visitor was identified later, play no part in the score.
with

first_knowledge as (

    select
        account_id,
        min(counts_from) as known_from

    from {{ ref('int_signal_events') }}
    group by account_id

),

final as (

    select
        landmark_scores.landmark_on,
        landmark_scores.account_id,
        landmark_scores.scoring_model,
        landmark_scores.rank_score,
        first_knowledge.known_from

    from {{ ref('int_landmark_scores') }} as landmark_scores
    left join first_knowledge on landmark_scores.account_id = first_knowledge.account_id
    where
        landmark_scores.rank_score <> 0
        and landmark_scores.landmark_on < coalesce(first_knowledge.known_from, {{ last_day() }})

)

select * from final
