-- The CRM gets the score of every prospect account, and only the status of every other account.
with

updates as (

    select * from {{ ref('crm_account_updates') }}

),

scores as (

    select * from {{ ref('account_scores') }}

),

final as (

    select
        updates.account_id,
        scores.account_id as scored_account_id

    from updates
    full outer join scores on updates.account_id = scores.account_id
    where
        (updates.account_status = 'prospect') is distinct from (scores.account_id is not null)
        or updates.score is distinct from scores.score
        or updates.band is distinct from scores.band
        or updates.last_engagement_at is distinct from scores.last_engagement_at
        or (
            scores.account_id is null
            and coalesce(
                updates.trend, updates.main_reason, updates.next_action,
                updates.last_engagement_label, updates.dashboard_url
            ) is not null
        )

)

select * from final
