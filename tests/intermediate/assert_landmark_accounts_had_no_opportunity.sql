-- An account with an opportunity, open or closed, by the landmark is not eligible.
select
    landmark_accounts.landmark_on,
    landmark_accounts.account_id,
    opportunities.opportunity_id

from {{ ref('int_landmark_accounts') }} as landmark_accounts
inner join {{ ref('int_opportunities') }} as opportunities
    on landmark_accounts.account_id = opportunities.account_id
where
    landmark_accounts.is_eligible
    and opportunities.created_on <= landmark_accounts.landmark_on
