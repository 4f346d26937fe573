{#
  One row per campaign and account that engaged with it: what the account did, and how its score
  moved. The comparison starts the day before the first engagement.
#}
with

engagements as (

    select
        engagements.*,
        {{ add_days('engagements.first_counted_on', '-1') }} as score_before_on,
        least(
            {{ add_days('engagements.first_counted_on', var('campaign_window_days')) }},
            as_of.as_of_date
        ) as score_after_on

    from {{ ref('int_campaign_engagements') }} as engagements
    cross join {{ ref('int_as_of_date') }} as as_of

),

wanted_days as (

    select
        account_id,
        score_before_on as score_date

    from engagements

    union distinct

    select
        account_id,
        score_after_on as score_date

    from engagements

),

scores as (

    -- separate from the joins below, which could build a hash table of the whole history
    select
        history.account_id,
        history.score_date,
        history.score,
        history.band,
        history.band_order

    from {{ ref('account_score_history') }} as history
    inner join wanted_days
        on
            history.account_id = wanted_days.account_id
            and history.score_date = wanted_days.score_date
    where history.scoring_model = {{ primary_model() }}

),

final as (

    select
        engagements.campaign,
        engagements.account_id,
        accounts.account_name,
        accounts.account_tier,
        engagements.engagements,
        engagements.engaged_people,
        {{ exact_points('engagements.points') }} as points,
        {{ rounded_points('engagements.points') }} as points_rounded,
        engagements.first_counted_on,
        engagements.last_engaged_on,
        engagements.score_after_on,
        scores_before.score as score_before,
        scores_after.score as score_after,
        scores_after.score - scores_before.score as score_change,
        scores_before.band as band_before,
        scores_before.band_order as band_order_before,
        scores_after.band as band_after,
        scores_after.band_order as band_order_after,
        scores_after.band_order > scores_before.band_order as has_moved_up

    from engagements
    inner join {{ ref('int_accounts') }} as accounts
        on engagements.account_id = accounts.account_id
    left join scores as scores_before
        on
            engagements.account_id = scores_before.account_id
            and engagements.score_before_on = scores_before.score_date
    left join scores as scores_after
        on
            engagements.account_id = scores_after.account_id
            and engagements.score_after_on = scores_after.score_date

)

select * from final
