{#
  One row per alert raised: the rule, the prospect account and the day. Rows are only added, and
  each alert only once: reruns, late data and new weights never repeat one. Rows hold ids and
  numbers; names are looked up when an alert is sent.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
    )
}}
with recursive

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

rules as (

    select * from {{ ref('alert_rules') }}
    where is_active

),

accounts as (

    select * from {{ ref('int_accounts') }}

),

crossings as (

    select * from {{ ref('int_alert_crossings') }}

),

history as (

    select * from {{ ref('account_score_history') }}
    where scoring_model = {{ primary_model() }}

),

last_alerts as (

    {% if is_incremental() %}
    select
        alert,
        account_id,
        max(created_on) as created_on

    from {{ this }}
    group by alert, account_id
    {% else %}
    select
        alert,
        account_id,
        crossed_on as created_on

    from crossings
    where 1 = 0
    {% endif %}

),

candidates as (

    -- another alert of the same rule only after its cool-down
    select
        crossings.*,
        rules.kind,
        rules.notify_role,
        rules.threshold,
        rules.cooldown_days

    from crossings
    inner join rules on crossings.alert = rules.alert
    inner join accounts
        on
            crossings.account_id = accounts.account_id
            and crossings.crossed_on < accounts.prospect_until
    left join last_alerts
        on crossings.alert = last_alerts.alert and crossings.account_id = last_alerts.account_id
    where
        last_alerts.created_on is null
        or (
            crossings.crossed_on > last_alerts.created_on
            and {{ days_between('last_alerts.created_on', 'crossings.crossed_on') }}
            >= rules.cooldown_days
        )

),

following as (

    -- after each crossing, the first one with the cool-down over
    select
        candidates.alert,
        candidates.account_id,
        candidates.crossed_on,
        min(later.crossed_on) as next_crossed_on

    from candidates
    inner join candidates as later
        on
            candidates.alert = later.alert
            and candidates.account_id = later.account_id
            and candidates.crossed_on < later.crossed_on
            and {{ days_between('candidates.crossed_on', 'later.crossed_on') }}
            >= candidates.cooldown_days
    group by candidates.alert, candidates.account_id, candidates.crossed_on

),

raised as (

    select
        alert,
        account_id,
        min(crossed_on) as crossed_on

    from candidates
    group by alert, account_id

    union all

    select
        following.alert,
        following.account_id,
        following.next_crossed_on as crossed_on

    from raised
    inner join following
        on
            raised.alert = following.alert
            and raised.account_id = following.account_id
            and raised.crossed_on = following.crossed_on

),

final as (

    select
        md5({{ key_text(['candidates.alert', 'candidates.account_id', 'candidates.crossed_on']) }})
            as alert_id,
        candidates.alert,
        candidates.kind,
        candidates.account_id,
        candidates.crossed_on as created_on,
        as_of.as_of_date as raised_on,
        candidates.notify_role as recipient_role,
        candidates.measured,
        cast(candidates.threshold as decimal(18, 6)) as threshold,
        history.score,
        history.band,
        history.band_order,
        config.config_version

    from candidates
    cross join as_of
    cross join {{ ref('int_config_version') }} as config
    inner join raised
        on
            candidates.alert = raised.alert
            and candidates.account_id = raised.account_id
            and candidates.crossed_on = raised.crossed_on
    inner join history
        on candidates.account_id = history.account_id and candidates.crossed_on = history.score_date

)

select * from final
