{#
  One row per alert raised: which rule, for which prospect account, on which day, whom to tell and
  what. Rows are only ever added, each once, whatever is run again, loaded late or weighted anew.
#}
{% set payload_columns = [
    'alert_id', 'alert', 'kind', 'account_id', 'account_name', 'domain', 'created_on',
    'recipient_role', 'owner_email', 'title', 'body', 'measured', 'threshold', 'score', 'band',
    'next_action', 'config_version',
] %}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='append_new_columns',
        full_refresh=false,
        pre_hook=[
            "{{ mask_journal_texts('body') }}",
            "{{ mask_journal_owners() }}",
            "{{ mask_journal_payloads(" ~ payload_columns ~ ") }}",
        ],
    )
}}
with recursive

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

rules as (

    select * from {{ ref('alert_rules') }}

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

won_accounts as (

    select * from {{ ref('int_won_accounts') }}

),

account_scores as (

    select * from {{ ref('account_scores') }}

),

changes as (

    select * from {{ ref('score_changes') }}

),

history as (

    select history.*
    from {{ ref('account_score_history') }} as history
    inner join {{ ref('scoring_models') }} as scoring_models
        on history.scoring_model = scoring_models.scoring_model and scoring_models.is_primary

),

config as (

    select config_version from {{ ref('int_config_version') }}

),

last_alerts as (

    {% if is_incremental() %}
    select
        alert,
        account_id,
        max(created_on) as raised_on

    from {{ this }}
    group by alert, account_id
    {% else %}
    select
        alert,
        {{ null_text() }} as account_id,
        cast(null as date) as raised_on

    from rules
    where 1 = 0
    {% endif %}

),

crossings as (

    select
        crossings.alert,
        crossings.account_id,
        crossings.crossed_on,
        crossings.measured,
        history.score,
        history.band,
        rules.cooldown_days,
        row_number() over (
            partition by crossings.alert, crossings.account_id
            order by crossings.crossed_on
        ) as crossing_number

    from {{ ref('int_alert_crossings') }} as crossings
    inner join rules on crossings.alert = rules.alert
    inner join history
        on crossings.account_id = history.account_id and crossings.crossed_on = history.score_date
    left join won_accounts on crossings.account_id = won_accounts.account_id
    where crossings.crossed_on < coalesce(won_accounts.won_on, {{ last_day() }})

),

walk as (

    -- crossing by crossing: raised unless the one raised before is too recent
    select
        crossings.alert,
        crossings.account_id,
        cast(0 as bigint) as crossing_number,
        false as is_raised,
        cast(max(last_alerts.raised_on) as date) as last_raised_on

    from crossings
    left join last_alerts
        on
            crossings.alert = last_alerts.alert
            and crossings.account_id = last_alerts.account_id
    group by crossings.alert, crossings.account_id

    union all

    select
        steps.alert,
        steps.account_id,
        steps.crossing_number,
        steps.is_raised,
        case when steps.is_raised then steps.crossed_on else steps.last_raised_on end
            as last_raised_on

    from (
        select
            crossings.alert,
            crossings.account_id,
            crossings.crossing_number,
            crossings.crossed_on,
            walk.last_raised_on,
            coalesce(
                crossings.crossed_on > walk.last_raised_on
                and {{ days_between('walk.last_raised_on', 'crossings.crossed_on') }}
                >= crossings.cooldown_days,
                true
            ) as is_raised

        from walk
        inner join crossings
            on
                walk.alert = crossings.alert
                and walk.account_id = crossings.account_id
                and walk.crossing_number + 1 = crossings.crossing_number
    ) as steps

),

raised as (

    select crossings.*
    from crossings
    inner join walk
        on
            crossings.alert = walk.alert
            and crossings.account_id = walk.account_id
            and crossings.crossing_number = walk.crossing_number
    where walk.is_raised

),

explanations as (

    -- what happened on the day; for a faster rise, on the day of the window that brought most
    select
        raised.alert,
        raised.account_id,
        raised.crossed_on,
        case
            when changes.change_date < raised.crossed_on
                then {{ day_and_month('changes.change_date', 'raised.crossed_on') }} || ', '
            else ''
        end || changes.explanation as explanation,
        row_number() over (
            partition by raised.alert, raised.account_id, raised.crossed_on
            order by changes.change_points desc, changes.change_date desc
        ) as explanation_rank

    from raised
    inner join rules on raised.alert = rules.alert
    inner join changes
        on
            raised.account_id = changes.account_id
            and raised.crossed_on >= changes.change_date
            and {{ add_days(
                'raised.crossed_on',
                "case when rules.kind = 'acceleration' then -rules.window_days else -1 end"
            ) }} < changes.change_date

),

described as (

    select
        raised.alert,
        rules.kind,
        raised.account_id,
        accounts.account_name,
        accounts.domain,
        raised.crossed_on as created_on,
        as_of.as_of_date as raised_on,
        rules.notify_role as recipient_role,
        {{ masked('accounts.owner_email') }} as owner_email,
        raised.measured,
        rules.threshold,
        raised.score,
        raised.band,
        config.config_version,
        md5({{ key_text(['raised.alert', 'raised.account_id', 'raised.crossed_on']) }}) as alert_id,
        coalesce(accounts.account_name, raised.account_id) || case rules.kind
            when 'threshold'
                then
                    ' has reached ' || {{ points_text('rules.threshold') }}
                    || ': score ' || cast(raised.measured as {{ dbt.type_string() }})
                    || ', ' || raised.band
            when 'acceleration'
                then
                    ' warms up faster: ' || cast(raised.measured as {{ dbt.type_string() }})
                    || ' points more in ' || cast(rules.window_days as {{ dbt.type_string() }})
                    || ' days than in the ' || cast(rules.window_days as {{ dbt.type_string() }})
                    || ' before; score ' || cast(raised.score as {{ dbt.type_string() }})
                    || ', ' || raised.band
            else
                ': ' || cast(raised.measured as {{ dbt.type_string() }})
                || ' new people in ' || cast(rules.window_days as {{ dbt.type_string() }})
                || ' days; score ' || cast(raised.score as {{ dbt.type_string() }})
                || ', ' || raised.band
        end as title,
        rules.message
        || coalesce('. Why: ' || explanations.explanation, '')
        || coalesce('. Most points: ' || account_scores.top_reasons, '')
        || coalesce('. Next: ' || account_scores.next_action, '') as body,
        -- of today, so only for alerts of today
        account_scores.next_action

    from raised
    cross join as_of
    cross join config
    inner join rules on raised.alert = rules.alert
    inner join accounts on raised.account_id = accounts.account_id
    left join explanations
        on
            raised.alert = explanations.alert
            and raised.account_id = explanations.account_id
            and raised.crossed_on = explanations.crossed_on
            and explanations.explanation_rank = 1
    left join account_scores
        on
            raised.account_id = account_scores.account_id
            and raised.crossed_on = account_scores.as_of_date

),

final as (

    select
        alert_id,
        alert,
        kind,
        account_id,
        account_name,
        domain,
        created_on,
        raised_on,
        recipient_role,
        owner_email,
        title,
        body,
        measured,
        cast(threshold as decimal(18, 6)) as threshold,
        score,
        band,
        next_action,
        config_version,
        {{ row_as_json(payload_columns) }} as payload

    from described

)

select * from final
