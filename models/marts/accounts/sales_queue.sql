{#
  One row per prospect account above the lowest band, ranked for its owner. It says who to work on
  first, why, who to talk to and what to do.
#}
with

account_scores as (

    select * from {{ ref('account_scores') }}

),

lowest_band as (

    select min(sort_order) as band_order from {{ ref('score_bands') }}

),

fit as (

    select * from {{ ref('int_account_fit') }}

),

people as (

    select
        people.*,
        row_number() over (partition by people.account_id order by people.contact_rank) as call_rank

    from {{ ref('contact_scores') }} as people
    where people.score_raw > 0 and not {{ has_left('people') }}

),

new_points as (

    -- points left from actions of the last week, without the decay of older ones
    select
        earned.account_id,
        sum({{ value_on('account_scores.as_of_date', 'history.silence_count') }}) as points

    from {{ ref('int_earned_points') }} as earned
    inner join account_scores
        on
            earned.account_id = account_scores.account_id
            and earned.scoring_model = account_scores.scoring_model
    inner join {{ ref('int_score_history') }} as history
        on
            account_scores.account_id = history.account_id
            and account_scores.scoring_model = history.scoring_model
            and account_scores.as_of_date = history.score_date
    where
        earned.occurred_on > {{ add_days('account_scores.as_of_date', '-7') }}
        and {{ earned_on('account_scores.as_of_date', 'history.has_breadth') }}
    group by earned.account_id

),

last_changes as (

    -- the day of the last week that brought the most points
    select
        changes.account_id,
        changes.change_date,
        changes.explanation,
        row_number() over (
            partition by changes.account_id
            order by {{ ranked_points('changes.change_points') }} desc, changes.change_date desc
        ) as change_rank

    from {{ ref('score_changes') }} as changes
    inner join account_scores on changes.account_id = account_scores.account_id
    where
        changes.change_date > {{ add_days('account_scores.as_of_date', '-7') }}
        and changes.change_date <= account_scores.as_of_date
        and changes.score_change > 0
        and changes.change_kind <> 'opening balance'

),

final as (

    select
        account_scores.owner_email,
        cast(
            row_number() over (
                partition by account_scores.owner_email
                order by
                    account_scores.band_order desc,
                    case when fit.is_high_fit then 1 else 2 end,
                    {{ ranked_points('account_scores.score_raw') }} desc,
                    account_scores.account_id
            ) as integer
        ) as queue_rank,
        account_scores.account_id,
        account_scores.account_name,
        account_scores.domain,
        account_scores.account_tier,
        account_scores.score,
        account_scores.band,
        account_scores.band_order,
        account_scores.band_since,
        account_scores.score_change_7_days,
        cast(coalesce(new_points.points, 0) as decimal(18, 2)) as new_points_7_days,
        account_scores.trend,
        account_scores.acceleration,
        account_scores.fit_grade,
        account_scores.quadrant,
        account_scores.top_reasons
        || coalesce(
            '. Best day of the week: '
            || {{ day_and_month('last_changes.change_date', 'account_scores.as_of_date') }}
            || ', ' || last_changes.explanation,
            ''
        ) as reason,
        coalesce(people.full_name, people.email, people.person_id) as contact_name,
        people.job_title as contact_job_title,
        account_scores.engaged_contacts,
        account_scores.new_engaged_contacts,
        account_scores.last_engagement_label,
        account_scores.days_since_engagement,
        account_scores.last_sales_touch_at,
        account_scores.last_sales_touch_label,
        account_scores.open_opportunity_stage,
        account_scores.open_opportunity_amount_usd,
        account_scores.sales_action,
        account_scores.next_action,
        account_scores.account_url,
        account_scores.dashboard_url,
        account_scores.as_of_date

    from account_scores
    inner join lowest_band on account_scores.band_order > lowest_band.band_order
    inner join fit on account_scores.account_id = fit.account_id
    left join people
        on account_scores.account_id = people.account_id and people.call_rank = 1
    left join new_points on account_scores.account_id = new_points.account_id
    left join last_changes
        on
            account_scores.account_id = last_changes.account_id
            and last_changes.change_rank = 1

)

select * from final
