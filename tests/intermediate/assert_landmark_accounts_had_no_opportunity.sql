-- An account with an opportunity, open or closed, by the landmark is not eligible.
select
    landmark_accounts.landmark_on,
    landmark_accounts.account_id,
    opportunities.opportunity_id

from {{ ref('int_landmark_accounts') }} as landmark_accounts
inner join {{ ref('stg_crm__opportunities') }} as opportunities
    on landmark_accounts.account_id = opportunities.account_id
where
    landmark_accounts.is_eligible
    and cast(opportunities.created_at as date) <= landmark_accounts.landmark_on
