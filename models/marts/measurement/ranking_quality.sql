{#
  One row per scoring model and outcome: how well the score ranks accounts that will convert above
  those that will not.
#}
with

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

auc_residuals as (

    select * from {{ ref('int_auc_residuals') }}

),

deciles as (

    select * from {{ ref('conversion_by_decile') }}

),

wanted as (

    select
        scoring_models.scoring_model,
        scoring_models.is_primary,
        deciles.outcome,
        max(case when deciles.decile = 1 then deciles.share_of_conversions_so_far end)
            as top_10_percent,
        max(case when deciles.decile = 2 then deciles.share_of_conversions_so_far end)
            as top_20_percent

    from scoring_models
    inner join deciles on scoring_models.scoring_model = deciles.scoring_model
    group by scoring_models.scoring_model, scoring_models.is_primary, deciles.outcome

),

counts as (

    select
        scoring_model,
        outcome,
        count(distinct landmark_on) as landmarks,
        count(*) as n,
        count(distinct account_id) as accounts,
        sum(converted) as converted,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from outcomes
    group by scoring_model, outcome

),

auc_variances as (

    select
        scoring_model,
        outcome,
        max(auc) as auc,
        {{ auc_variance(
            'positives', 'negatives', 'positive_residual', 'negative_residual'
        ) }} as auc_variance

    from auc_residuals
    group by scoring_model, outcome

),

aucs as (

    select
        scoring_model,
        outcome,
        auc,
        {{ interval_reach('auc_variance') }} as auc_reach

    from auc_variances

),

judged as (

    select
        wanted.*,
        counts.landmarks,
        counts.n,
        counts.accounts,
        counts.converted,
        counts.converted_accounts,
        aucs.auc,
        aucs.auc_reach,
        {{ data_verdict(
            'coalesce(counts.accounts, 0)', 'coalesce(counts.converted_accounts, 0)'
        ) }} as verdict

    from wanted
    left join counts
        on
            wanted.scoring_model = counts.scoring_model
            and wanted.outcome = counts.outcome
    left join aucs
        on
            wanted.scoring_model = aucs.scoring_model
            and wanted.outcome = aucs.outcome

),

final as (

    select
        scoring_model,
        outcome,
        is_primary,
        cast(coalesce(landmarks, 0) as integer) as landmarks,
        cast(coalesce(n, 0) as integer) as n,
        cast(coalesce(accounts, 0) as integer) as accounts,
        cast(coalesce(converted, 0) as integer) as converted,
        cast(coalesce(converted_accounts, 0) as integer) as converted_accounts,
        {%- for column, expression in (
            ('auc', 'auc'),
            ('auc_low', 'case when auc_reach >= auc then 0 else auc - auc_reach end'),
            ('auc_high', 'case when auc_reach >= 1 - auc then 1 else auc + auc_reach end'),
            ('top_10_percent_conversion_share', 'top_10_percent'),
            ('top_20_percent_conversion_share', 'top_20_percent'),
        ) %}
        case when verdict = 'enough data' then {{ measured(expression) }} end as {{ column }},
        {%- endfor %}
        verdict

    from judged

)

select * from final
