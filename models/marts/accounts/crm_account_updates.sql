{#
  One row per account of the CRM, including merged and deleted ones: what the CRM should show about
  its engagement. An account that isn't a prospect has only a status, so its old score doesn't stay
  in the CRM.
#}
with

crm_accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

survivors as (

    select * from {{ ref('int_account_ids') }}

),

accounts as (

    select * from {{ ref('int_accounts') }}

),

scores as (

    select * from {{ ref('account_scores') }}

),

trends as (

    select * from {{ ref('int_score_trends') }}

),

main_reasons as (

    -- the label without points: points decay a little every day, and each change would be an update
    select
        account_id,
        label,
        row_number() over (partition by account_id order by contribution_rank) as reason_rank

    from {{ ref('score_contributions') }}
    where
        scoring_model = {{ primary_model() }}
        and contribution_type in ('signal', 'combination')
        and points > 0

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

updates as (

    select
        crm_accounts.account_id,
        {{ without_decimals('crm_accounts.account_id') }} as crm_account_id,
        crm_accounts.account_name,
        case
            when survivors.account_id <> crm_accounts.account_id then survivors.account_id
        end as merged_into_account_id,
        case
            when survivors.account_id is null then 'deleted'
            when survivors.account_id <> crm_accounts.account_id then 'merged'
            when accounts.lifecycle = 'prospect' and not accounts.is_prospect then 'won'
            else accounts.lifecycle
        end as account_status,
        scores.score,
        scores.band,
        scores.trend,
        case when scores.account_id is not null then main_reasons.label end as main_reason,
        scores.next_action,
        scores.last_engagement_at,
        scores.last_engagement_label,
        scores.dashboard_url,
        scores.band_order,
        case when scores.account_id is not null then trends.score_since end as score_since

    from crm_accounts
    inner join survivors on crm_accounts.account_id = survivors.account_id_text
    left join accounts on crm_accounts.account_id = accounts.account_id
    left join scores on crm_accounts.account_id = scores.account_id
    left join trends on crm_accounts.account_id = trends.account_id
    left join main_reasons
        on crm_accounts.account_id = main_reasons.account_id and main_reasons.reason_rank = 1

),

final as (

    select
        updates.account_id,
        updates.crm_account_id,
        updates.account_name,
        updates.merged_into_account_id,
        updates.account_status,
        updates.score,
        updates.band,
        updates.trend,
        updates.main_reason,
        updates.next_action,
        updates.last_engagement_at,
        updates.last_engagement_label,
        updates.dashboard_url,
        md5({{ key_text([
            'updates.account_status', 'updates.score', 'updates.band', 'updates.trend',
            'updates.main_reason', 'updates.next_action', 'updates.last_engagement_at',
            'updates.last_engagement_label', 'updates.dashboard_url',
        ]) }}) as update_hash,
        updates.band_order,
        updates.score_since,
        as_of.as_of_date

    from updates
    cross join as_of

)

select * from final
