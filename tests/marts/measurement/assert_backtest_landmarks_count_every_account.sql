-- Each account of a landmark is eligible, or left out for one reason. Every eligible account of a
-- used landmark has a score in each scoring model.
with

scored as (

    select
        landmark_on,
        scoring_model,
        count(*) as accounts

    from {{ ref('int_landmark_scores') }}
    group by landmark_on, scoring_model

),

final as (

    select
        landmarks.*,
        scoring_models.scoring_model,
        scored.accounts as scored_accounts

    from {{ ref('backtest_landmarks') }} as landmarks
    cross join {{ ref('scoring_models') }} as scoring_models
    left join scored
        on
            landmarks.landmark_on = scored.landmark_on
            and scoring_models.scoring_model = scored.scoring_model
    where
        landmarks.accounts <> landmarks.eligible_accounts + landmarks.left_out_with_opportunity
        + landmarks.left_out_in_sales_process + landmarks.left_out_non_prospects
        or (landmarks.is_used and landmarks.eligible_accounts <> coalesce(scored.accounts, 0))

)

select * from final
