{#
  One row per active alert rule, account and day on which the account meets the rule, but did not
  the day before. It covers the last var `alert_days` days in every run, so that what a stopped
  build didn't raise is raised by the next one. A score has to fall `alert_rearm_margin` below a
  threshold before it can cross it again.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

primary_model as (

    select * from {{ ref('scoring_models') }}
    where is_primary

),

rules as (

    select * from {{ ref('alert_rules') }}
    where is_active

),

changes as (

    select * from {{ ref('score_changes') }}

),

other_rules as (

    -- the last day that was published under other rules
    select max(published.as_of_date) as last_on
    from {{ ref('published_scores') }} as published
    inner join {{ ref('int_config_version') }} as config
        on
            {{ score_and_alert_rules('published.config_version') }}
            <> {{ score_and_alert_rules('config.config_version') }}

),

journal as (

    -- the first day on which a score changed, if there is one, and the day of the last run
    select
        min(case when change_kind <> 'opening balance' then change_date end) as first_change_on,
        max(as_of_date) as as_of_date

    from changes

),

new_days as (

    -- days that the journal doesn't explain, days under other rules and days more than var
    -- `alert_days` ago raise no alert, and a run for an earlier day raises none; least() and
    -- greatest() ignore nulls
    select
        greatest(
            least(
                journal.first_change_on,
                {{ add_days(first_journal_day('as_of.as_of_date'), '1') }}
            ),
            {{ add_days('as_of.as_of_date', '1 - ' ~ var('alert_days')) }},
            {{ add_days('other_rules.last_on', '1') }}
        ) as first_on

    from as_of
    inner join journal on as_of.as_of_date = journal.as_of_date
    cross join other_rules

),

earlier_scores as (

    -- a day that is still open can be corrected, but what was published was seen
    select
        account_id,
        change_date as score_date,
        score

    from changes

    union all

    select
        account_id,
        as_of_date as score_date,
        score

    from {{ ref('published_scores') }}

),

threshold_extremes as (

    -- the last earlier rows with a score at the threshold, and with one low enough to re-arm the
    -- rule
    select
        rules.alert,
        news.account_id,
        news.change_date,
        news.score,
        max(case when earlier.score >= rules.threshold then earlier.score_date end) as high_on,
        max(
            case
                when earlier.score <= rules.threshold - primary_model.alert_rearm_margin
                    then earlier.score_date
            end
        ) as low_on

    from changes as news
    inner join new_days on news.change_date >= new_days.first_on
    cross join primary_model
    inner join rules
        on
            rules.kind = 'threshold'
            and news.change_kind <> 'opening balance'
            and news.score >= rules.threshold
            -- the difference that changed rules make to earlier days raises no alert either
            and {{ round_score('news.score_raw_before + news.configuration_points') }}
            < rules.threshold
    left join earlier_scores as earlier
        on news.account_id = earlier.account_id and news.change_date > earlier.score_date
    group by rules.alert, news.account_id, news.change_date, news.score

),

acceleration_days as (

    select
        rules.alert,
        rules.threshold,
        history.account_id,
        history.score_date,
        -- a fall in the earlier window must not make an unchanged score look like a rise
        (history.score - window_start.score)
        - greatest(window_start.score - window_before.score, 0) as measured

    from {{ ref('account_score_history') }} as history
    inner join new_days on history.score_date >= {{ add_days('new_days.first_on', '-1') }}
    inner join primary_model on history.scoring_model = primary_model.scoring_model
    inner join rules on rules.kind = 'acceleration'
    inner join {{ ref('account_score_history') }} as window_start
        on
            history.scoring_model = window_start.scoring_model
            and history.account_id = window_start.account_id
            and {{ add_days('history.score_date', '-rules.window_days') }} = window_start.score_date
    inner join {{ ref('account_score_history') }} as window_before
        on
            history.scoring_model = window_before.scoring_model
            and history.account_id = window_before.account_id
            and {{ add_days('history.score_date', '-2 * rules.window_days') }}
            = window_before.score_date

),

accelerations as (

    select
        *,
        lag(measured) over (partition by alert, account_id order by score_date) as measured_before

    from acceleration_days

),

joining_people as (

    -- people who are new within the window, on a day when someone joined and on the day before
    select
        rules.alert,
        rules.threshold,
        joined.account_id,
        joined.first_engaged_on,
        count(distinct case
            when
                earlier.first_engaged_on
                > {{ add_days('joined.first_engaged_on', '-rules.window_days') }}
                then earlier.person_id
        end) as measured,
        count(distinct case
            when earlier.first_engaged_on < joined.first_engaged_on then earlier.person_id
        end) as measured_before

    from {{ ref('int_first_engagements') }} as joined
    inner join new_days on joined.first_engaged_on >= new_days.first_on
    inner join as_of on joined.first_engaged_on <= as_of.as_of_date
    inner join rules on rules.kind = 'new_contacts'
    inner join {{ ref('int_first_engagements') }} as earlier
        on
            joined.account_id = earlier.account_id
            and joined.first_engaged_on >= earlier.first_engaged_on
            and {{ add_days('joined.first_engaged_on', '-rules.window_days') }}
            <= earlier.first_engaged_on
    group by rules.alert, rules.threshold, joined.account_id, joined.first_engaged_on

),

final as (

    select
        alert,
        account_id,
        change_date as crossed_on,
        cast(score as integer) as measured

    from threshold_extremes
    where coalesce(low_on > high_on, high_on is null)

    union all

    select
        alert,
        account_id,
        score_date as crossed_on,
        cast(measured as integer) as measured

    from accelerations
    where measured >= threshold and measured_before < threshold

    union all

    select
        alert,
        account_id,
        first_engaged_on as crossed_on,
        cast(measured as integer) as measured

    from joining_people
    where measured >= threshold and measured_before < threshold

)

select * from final
