{#
  One row per alert rule, account and new day on which the account meets the rule and did not before.
  A score has to fall `alert_rearm_margin` below a threshold before it can cross it again; the other
  rules are met again as soon as they were not met for a day.
#}
{% set settled_scores = adapter.get_relation(
    this.database, ref('int_new_days').schema, 'int_settled_scores'
) %}
with

new_days as (

    select * from {{ ref('int_new_days') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}
    where is_primary

),

config as (

    select config_version from {{ ref('int_config_version') }}

),

rules as (

    select * from {{ ref('alert_rules') }}
    where is_active

),

history as (

    select
        history.account_id,
        history.score_date,
        history.score,
        scoring_models.alert_rearm_margin

    from {{ ref('account_score_history') }} as history
    inner join scoring_models on history.scoring_model = scoring_models.scoring_model

),

new_scores as (

    select
        history.*,
        lag(history.score) over (
            partition by history.account_id order by history.score_date
        ) as score_before

    from history
    inner join new_days on history.score_date >= new_days.new_from

),

first_engagements as (

    select * from {{ ref('int_first_engagements') }}

),

settled as (

    -- the last score the journal has said of an account; nothing on the first run
    {% if settled_scores %}
    select
        settled.account_id,
        settled.score,
        settled.config_version = config.config_version as is_under_these_rules

    from {{ settled_scores }} as settled
    cross join config
    {% else %}
    select
        {{ null_text() }} as account_id,
        cast(null as integer) as score,
        cast(null as boolean) as is_under_these_rules

    from config
    where 1 = 0
    {% endif %}

),

told_scores as (

    -- what was said of the days before the new ones: what came late was not told yet
    select
        changes.account_id,
        changes.change_date as score_date,
        changes.score

    from {{ ref('score_changes') }} as changes
    inner join new_days on changes.change_date < new_days.new_from
    inner join settled on changes.account_id = settled.account_id
    where settled.is_under_these_rules

    union all

    -- nothing was said yet of an account that is new in the CRM
    select
        history.account_id,
        history.score_date,
        coalesce(settled.score, 0) as score

    from history
    inner join new_days
        on
            history.score_date = {{ add_days('new_days.new_from', '-1') }}
            and new_days.settled_before is not null
    left join settled on history.account_id = settled.account_id
    where coalesce(settled.is_under_these_rules, true)

    union all

    -- other rules have never said anything: they alert nobody for what had happened before
    select
        history.account_id,
        history.score_date,
        history.score

    from history
    inner join new_days on history.score_date < new_days.new_from
    left join settled on history.account_id = settled.account_id
    where
        new_days.settled_before is null
        or not settled.is_under_these_rules

),

past_extremes as (

    -- the last days before the new ones on which a score was high enough, and low enough
    select
        rules.alert,
        told_scores.account_id,
        max(
            case when told_scores.score >= rules.threshold then told_scores.score_date end
        ) as high_on,
        max(
            case
                when told_scores.score <= rules.threshold - scoring_models.alert_rearm_margin
                    then told_scores.score_date
            end
        ) as low_on

    from told_scores
    cross join scoring_models
    cross join rules
    where rules.kind = 'threshold'
    group by rules.alert, told_scores.account_id

),

extremes as (

    select
        alert,
        account_id,
        {{ first_day() }} as score_date,
        cast(null as integer) as score,
        coalesce(high_on > coalesce(low_on, {{ first_day() }}), false) as is_high

    from past_extremes

    union all

    -- the first of the days in a row on which it is high, or low
    select
        rules.alert,
        new_scores.account_id,
        new_scores.score_date,
        new_scores.score,
        new_scores.score >= rules.threshold as is_high

    from new_scores
    cross join rules
    where
        rules.kind = 'threshold'
        and case
            when new_scores.score >= rules.threshold
                then coalesce(new_scores.score_before < rules.threshold, true)
            when new_scores.score <= rules.threshold - new_scores.alert_rearm_margin
                then
                    coalesce(
                        new_scores.score_before > rules.threshold - new_scores.alert_rearm_margin
                        or new_scores.score_before >= rules.threshold,
                        true
                    )
            else false
        end

),

threshold_days as (

    select
        *,
        lag(is_high) over (partition by alert, account_id order by score_date) as was_high

    from extremes

),

accelerations as (

    select
        rules.alert,
        rules.threshold,
        history.account_id,
        history.score_date,
        -- a fall in the window before does not make a rise out of standing still
        (history.score - window_start.score)
        - greatest(window_start.score - window_before.score, 0) as measured

    from history
    cross join rules
    inner join new_days on history.score_date >= {{ add_days('new_days.new_from', '-1') }}
    inner join history as window_start
        on
            history.account_id = window_start.account_id
            and {{ add_days('history.score_date', '-rules.window_days') }} = window_start.score_date
    inner join history as window_before
        on
            history.account_id = window_before.account_id
            and {{ add_days('history.score_date', '-2 * rules.window_days') }}
            = window_before.score_date
    where rules.kind = 'acceleration'

),

acceleration_days as (

    select
        *,
        lag(measured) over (partition by alert, account_id order by score_date) as measured_before

    from accelerations

),

joining_days as (

    select distinct
        first_engagements.account_id,
        first_engagements.first_engaged_on as on_date

    from first_engagements
    inner join new_days
        on
            first_engagements.first_engaged_on >= new_days.new_from
            and first_engagements.first_engaged_on <= new_days.as_of_date

),

joining_people as (

    select
        rules.alert,
        rules.threshold,
        joining_days.account_id,
        joining_days.on_date,
        sum(
            case
                when
                    first_engagements.first_engaged_on
                    > {{ add_days('joining_days.on_date', '-rules.window_days') }}
                    then 1
                else 0
            end
        ) as measured,
        -- on the day before, whose window begins a day earlier
        sum(
            case when first_engagements.first_engaged_on < joining_days.on_date then 1 else 0 end
        ) as measured_before

    from joining_days
    cross join rules
    inner join first_engagements
        on
            joining_days.account_id = first_engagements.account_id
            and joining_days.on_date >= first_engagements.first_engaged_on
            and {{ add_days('joining_days.on_date', '-rules.window_days') }}
            <= first_engagements.first_engaged_on
    where rules.kind = 'new_contacts'
    group by rules.alert, rules.threshold, joining_days.account_id, joining_days.on_date

),

crossings as (

    select
        alert,
        account_id,
        score_date as crossed_on,
        score as measured

    from threshold_days
    where is_high and not was_high

    union all

    select
        alert,
        account_id,
        score_date as crossed_on,
        measured

    from acceleration_days
    where measured >= threshold and measured_before < threshold

    union all

    select
        alert,
        account_id,
        on_date as crossed_on,
        measured

    from joining_people
    where measured >= threshold and measured_before < threshold

),

final as (

    select
        alert,
        account_id,
        crossed_on,
        cast(measured as integer) as measured

    from crossings

)

select * from final
