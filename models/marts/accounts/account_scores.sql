{#
  One row per prospect account: its score in the primary scoring model, the reasons, and what to do
  next.
#}
with

prospects as (

    select * from {{ ref('int_accounts') }}
    where is_prospect

),

bands as (

    select * from {{ ref('score_bands') }}

),

scores as (

    select * from {{ ref('int_score_trends') }}

),

fit as (

    select * from {{ ref('int_account_fit') }}

),

engagement as (

    select * from {{ ref('int_account_engagement') }}

),

opportunities as (

    select * from {{ ref('int_account_opportunities') }}

),

next_actions as (

    select * from {{ ref('int_next_actions') }}

),

contributions as (

    -- less than 0.05 points would read +0.0
    select
        account_id,
        label || ' +'
        || cast(cast(points as decimal(18, 1)) as {{ dbt.type_string() }}) as reason,
        row_number() over (partition by account_id order by contribution_rank) as reason_rank

    from {{ ref('score_contributions') }}
    where
        scoring_model = {{ primary_model() }}
        and contribution_type <> 'floor'
        and points >= 0.05

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

config as (

    select config_version from {{ ref('int_config_version') }}

),

reasons as (

    select
        account_id,
        max(case when reason_rank = 1 then reason end)
        || coalesce('; ' || max(case when reason_rank = 2 then reason end), '')
        || coalesce('; ' || max(case when reason_rank = 3 then reason end), '') as top_reasons

    from contributions
    group by account_id

),

final as (

    select
        prospects.account_id,
        prospects.account_name,
        prospects.domain,
        prospects.account_tier,
        prospects.industry,
        prospects.employee_count,
        prospects.country,
        prospects.owner_email,
        {{ account_address(var('crm_account_url'), 'prospects.account_id') }} as account_url,
        {{ account_address(var('dashboard_account_url'), 'prospects.account_id') }}
            as dashboard_url,
        prospects.top_parent_account_id,
        scores.scoring_model,
        scores.score,
        scores.score_raw,
        scores.band,
        scores.band_order,
        scores.band_since,
        scores.band_28_days_ago,
        scores.band_order_28_days_ago,
        bands.label as status_label,
        scores.score_7_days_ago,
        scores.score_28_days_ago,
        scores.score_change_7_days,
        scores.score_change_28_days,
        scores.trend,
        scores.acceleration,
        scores.engaged_contacts,
        engagement.new_engaged_contacts,
        engagement.last_engagement_at,
        engagement.last_engagement_signal,
        engagement.last_engagement_type,
        engagement.last_engagement_label,
        engagement.days_since_engagement,
        engagement.last_sales_touch_at,
        engagement.last_sales_touch_label,
        engagement.days_since_sales_touch,
        case
            when engagement.last_engagement_at is null then 'none'
            when engagement.days_since_engagement >= {{ var('dormant_after_days') }}
                then 'dormant'
            else 'active'
        end as engagement_state,
        opportunities.open_opportunity_stage,
        cast(opportunities.open_opportunity_amount_usd as decimal(18, 2))
            as open_opportunity_amount_usd,
        opportunities.open_opportunity_created_on,
        fit.fit_grade,
        cast(fit.fit_score as decimal(18, 6)) as fit_score,
        case when fit.is_high_fit then 'high' else 'low' end || ' fit, '
        || case when bands.is_high_engagement then 'high' else 'low' end || ' engagement'
            as quadrant,
        bands.marketing_action,
        bands.sales_action,
        next_actions.next_action,
        reasons.top_reasons,
        config.config_version,
        as_of.as_of_date

    from prospects
    cross join as_of
    cross join config
    inner join scores on prospects.account_id = scores.account_id
    inner join fit on prospects.account_id = fit.account_id
    inner join engagement on prospects.account_id = engagement.account_id
    inner join bands on scores.band = bands.band
    left join opportunities on prospects.account_id = opportunities.account_id
    left join next_actions
        on
            scores.band = next_actions.band
            -- who has said no since isn't asked about a demo
            and coalesce(
                case
                    when not engagement.is_last_engagement_reset
                        then engagement.last_engagement_signal
                end,
                ''
            ) = coalesce(next_actions.last_signal, '')
            and coalesce(engagement.days_since_engagement, 0) > next_actions.after_days
            and coalesce(engagement.days_since_engagement, 0) <= next_actions.until_days
    left join reasons on prospects.account_id = reasons.account_id

)

select * from final
