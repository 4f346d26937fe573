-- An outcome counts exactly if there is an opportunity for it after the landmark and by the end of
-- the window.
with

expected as (

    select
        landmark_accounts.landmark_on,
        landmark_accounts.account_id,
        max(
            case when opportunities.opportunity_id is not null then 1 else 0 end
        ) as opportunity_created,
        max(
            case
                when
                    opportunities.outcome = 'won'
                    and opportunities.closed_on > landmark_accounts.landmark_on
                    and opportunities.closed_on <= landmark_accounts.horizon_ends_on
                    then 1
                else 0
            end
        ) as won

    from {{ ref('int_landmark_accounts') }} as landmark_accounts
    left join {{ ref('int_opportunities') }} as opportunities
        on
            landmark_accounts.account_id = opportunities.account_id
            and landmark_accounts.landmark_on < opportunities.created_on
            and landmark_accounts.horizon_ends_on >= opportunities.created_on
    group by landmark_accounts.landmark_on, landmark_accounts.account_id

),

final as (

    select landmark_accounts.*
    from {{ ref('int_landmark_accounts') }} as landmark_accounts
    inner join expected
        on
            landmark_accounts.landmark_on = expected.landmark_on
            and landmark_accounts.account_id = expected.account_id
    where
        landmark_accounts.is_used
        and landmark_accounts.is_eligible
        and (
            coalesce(landmark_accounts.opportunity_created, -1) <> expected.opportunity_created
            or coalesce(landmark_accounts.won, -1) <> expected.won
        )

)

select * from final
