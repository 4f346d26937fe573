{#
  One row per prospect account: its score in the primary scoring model, why, and what to do next.
#}
with

prospects as (

    select * from {{ ref('int_prospect_accounts') }}

),

primary_scores as (

    select account_scores.*
    from {{ ref('int_account_scores') }} as account_scores
    inner join {{ ref('scoring_models') }} as scoring_models
        on account_scores.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

),

bands as (

    select * from {{ ref('score_bands') }}

),

trends as (

    select * from {{ ref('int_score_trends') }}

),

first_engagements as (

    select * from {{ ref('int_first_engagements') }}

),

fit as (

    select * from {{ ref('int_account_fit') }}

),

last_engagements as (

    select * from {{ ref('int_last_engagements') }}

),

next_actions as (

    select * from {{ ref('next_actions') }}

),

contributions as (

    select * from {{ ref('score_contributions') }}
    where contribution_rank <= 3 and points > 0

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

config as (

    select config_version from {{ ref('int_config_version') }}

),

scores as (

    select
        primary_scores.*,
        trends.band,
        trends.score_7_days_ago,
        trends.score_28_days_ago,
        trends.score_change_7_days,
        trends.score_change_28_days,
        trends.trend,
        trends.acceleration

    from primary_scores
    inner join trends on primary_scores.account_id = trends.account_id

),

new_people as (

    select
        first_engagements.account_id,
        cast(count(*) as integer) as new_engaged_contacts

    from first_engagements
    cross join as_of
    where
        first_engagements.first_engaged_on <= as_of.as_of_date
        and first_engagements.first_engaged_on > {{ add_days('as_of.as_of_date', '-28') }}
    group by first_engagements.account_id

),

reasons as (

    select
        account_id,
        max(case when contribution_rank = 1 then reason end)
        || coalesce('; ' || max(case when contribution_rank = 2 then reason end), '')
        || coalesce('; ' || max(case when contribution_rank = 3 then reason end), '') as top_reasons

    from (
        select
            contributions.account_id,
            contributions.contribution_rank,
            contributions.label || ' +'
            || cast(cast(contributions.points as decimal(18, 1)) as {{ dbt.type_string() }})
                as reason

        from contributions
        inner join scores
            on
                contributions.account_id = scores.account_id
                and contributions.scoring_model = scores.scoring_model
    ) as primary_contributions
    group by account_id

),

action_candidates as (

    -- most match columns filled, then priority; the signal says more than the channel, the channel
    -- more than the band
    select
        scores.account_id,
        next_actions.next_action,
        row_number() over (
            partition by scores.account_id
            order by
                case when next_actions.band is not null then 1 else 0 end
                + case when next_actions.last_signal is not null then 1 else 0 end
                + case when next_actions.channel is not null then 1 else 0 end desc,
                coalesce(next_actions.priority, 0) desc,
                case
                    when next_actions.last_signal is not null then 1
                    when next_actions.channel is not null then 2
                    else 3
                end,
                next_actions.next_action
        ) as action_rank

    from scores
    left join last_engagements on scores.account_id = last_engagements.account_id
    inner join next_actions
        on
            (next_actions.band is null or scores.band = next_actions.band)
            and (
                next_actions.last_signal is null
                or last_engagements.last_engagement_signal = next_actions.last_signal
            )
            and (
                next_actions.channel is null
                or last_engagements.last_engagement_channel = next_actions.channel
            )

),

final as (

    select
        prospects.account_id,
        prospects.account_name,
        prospects.domain,
        prospects.account_tier,
        {{ masked('prospects.owner_email') }} as owner_email,
        scores.scoring_model,
        scores.score,
        scores.score_raw,
        scores.band,
        bands.label as status_label,
        scores.score_7_days_ago,
        scores.score_28_days_ago,
        scores.score_change_7_days,
        scores.score_change_28_days,
        scores.trend,
        scores.acceleration,
        scores.engaged_contacts,
        coalesce(new_people.new_engaged_contacts, 0) as new_engaged_contacts,
        last_engagements.last_engagement_at,
        last_engagements.last_engagement_signal,
        last_engagements.last_engagement_label,
        last_engagements.days_since_engagement,
        case
            when last_engagements.account_id is null then 'none'
            when last_engagements.days_since_engagement >= {{ var('dormant_after_days') }}
                then 'dormant'
            else 'active'
        end as engagement_state,
        fit.fit_grade,
        cast(fit.fit_score as decimal(18, 6)) as fit_score,
        case when fit.is_high_fit then 'high' else 'low' end || ' fit, '
        || case when bands.is_high_engagement then 'high' else 'low' end || ' engagement'
            as quadrant,
        bands.marketing_action,
        bands.sales_action,
        action_candidates.next_action,
        reasons.top_reasons,
        config.config_version,
        as_of.as_of_date

    from prospects
    cross join as_of
    cross join config
    inner join scores on prospects.account_id = scores.account_id
    inner join bands on scores.band = bands.band
    inner join fit on prospects.account_id = fit.account_id
    left join new_people on prospects.account_id = new_people.account_id
    left join last_engagements on prospects.account_id = last_engagements.account_id
    left join action_candidates
        on prospects.account_id = action_candidates.account_id and action_candidates.action_rank = 1
    left join reasons on prospects.account_id = reasons.account_id

)

select * from final
