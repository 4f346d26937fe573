{#
  One row per scoring model, outcome and threshold: what you get if you work every account with a
  score at or above the threshold.
#}
with

outcome_names as (

    {{ outcome_rows() }}

),

thresholds as (

    select
        scoring_models.scoring_model,
        outcome_names.outcome,
        alerts.threshold,
        case when scoring_models.is_primary then alerts.alerts_per_week end as alerts_per_week,
        case when scoring_models.is_primary then alerts.fills_capacity end as fills_capacity

    from {{ ref('int_threshold_alerts') }} as alerts
    cross join {{ ref('scoring_models') }} as scoring_models
    cross join outcome_names

),

alert_roles as (

    {{ alert_thresholds() }}

),

account_scores as (

    -- an account is above every threshold up to its highest score
    select
        *,
        row_number() over (
            partition by scoring_model, outcome, account_id order by score desc, landmark_on
        ) as score_rank,
        max(converted) over (partition by scoring_model, outcome, account_id) as ever_converted

    from {{ ref('int_landmark_outcomes') }}

),

score_counts as (

    select
        scoring_model,
        outcome,
        score,
        count(*) as n,
        sum(converted) as converted,
        sum(case when score_rank = 1 then 1 else 0 end) as accounts,
        sum(case when score_rank = 1 then ever_converted else 0 end) as converted_accounts,
        0 as accounts_today

    from account_scores
    group by scoring_model, outcome, score

    union all

    select
        history.scoring_model,
        outcome_names.outcome,
        history.score,
        0 as n,
        0 as converted,
        0 as accounts,
        0 as converted_accounts,
        count(*) as accounts_today

    from {{ ref('account_score_history') }} as history
    inner join {{ ref('int_as_of_date') }} as as_of on history.score_date = as_of.as_of_date
    cross join outcome_names
    inner join {{ ref('int_accounts') }} as accounts
        on history.account_id = accounts.account_id and accounts.is_prospect
    group by history.scoring_model, outcome_names.outcome, history.score

),

counted as (

    select
        thresholds.*,
        {% for column in ('n', 'accounts', 'converted', 'accounts_today') %}
        cast(coalesce(sum(
            case
                when score_counts.score >= thresholds.threshold then score_counts.{{ column }}
            end
        ), 0) as integer) as {{ column }},
        {% endfor %}
        sum(score_counts.converted) as total_converted,
        sum(score_counts.converted_accounts) as converted_accounts

    from thresholds
    left join score_counts
        on
            thresholds.scoring_model = score_counts.scoring_model
            and thresholds.outcome = score_counts.outcome
    group by
        thresholds.scoring_model,
        thresholds.outcome,
        thresholds.threshold,
        thresholds.alerts_per_week,
        thresholds.fills_capacity

),

judged as (

    select
        *,
        {{ data_verdict('accounts', 'coalesce(converted_accounts, 0)') }} as verdict

    from counted

),

final as (

    select
        judged.scoring_model,
        judged.outcome,
        judged.threshold,
        alert_roles.notify_roles,
        judged.fills_capacity,
        judged.alerts_per_week,
        judged.accounts_today,
        judged.n,
        judged.accounts,
        judged.converted,
        {{ if_enough(double('judged.converted') ~ ' / nullif(judged.n, 0)') }} as precision_rate,
        {{ if_enough(wilson_bound('-', 'judged.converted', 'judged.n')) }} as precision_low,
        {{ if_enough(wilson_bound('+', 'judged.converted', 'judged.n')) }} as precision_high,
        {{ if_enough(double('judged.converted') ~ ' / nullif(judged.total_converted, 0)') }}
            as recall,
        {{ if_enough(
            '2 * ' ~ double('judged.converted') ~ ' / nullif(judged.n + judged.total_converted, 0)'
        ) }} as f1,
        judged.verdict

    from judged
    left join alert_roles on judged.threshold = alert_roles.threshold

)

select * from final
