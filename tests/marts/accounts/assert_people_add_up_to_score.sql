-- The people and the unidentified visitors of an account add up to its score.
with

nobody as (

    -- a cap is spread over all rows of its signal, so these rows have their part of it too
    select
        ledger.account_id,
        sum(ledger.points * coalesce(1 + caps.points / caps.base_points, 1)) as points

    from {{ ref('score_ledger') }} as ledger
    left join {{ ref('score_ledger') }} as caps
        on
            ledger.account_id = caps.account_id
            and ledger.scoring_model = caps.scoring_model
            and ledger.signal = caps.signal
            and caps.entry_type = 'cap'
    inner join {{ ref('scoring_models') }} as scoring_models
        on ledger.scoring_model = scoring_models.scoring_model and scoring_models.is_primary
    where ledger.person_id is null and ledger.entry_type not in ('cap', 'floor')
    group by ledger.account_id

),

people as (

    select
        account_id,
        sum(score_raw) as points

    from {{ ref('contact_scores') }}
    group by account_id

),

final as (

    select
        account_scores.account_id,
        account_scores.score_raw,
        people.points as people_points,
        nobody.points as nobody_points

    from {{ ref('account_scores') }} as account_scores
    left join people on account_scores.account_id = people.account_id
    left join nobody on account_scores.account_id = nobody.account_id
    where
        abs(coalesce(people.points, 0) + coalesce(nobody.points, 0) - account_scores.score_raw)
        > 0.000001
        and account_scores.score_raw > 0

)

select * from final
