{#
  One row per measure of quality, outcome and scoring model beside the primary: both values on the
  same rows of the landmark backtest, and the variance of their difference by account.
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

pairs as (

    select
        scoring_models.scoring_model,
        other_models.scoring_model as other_scoring_model

    from scoring_models
    inner join scoring_models as other_models
        on scoring_models.scoring_model <> other_models.scoring_model
    where scoring_models.is_primary

),

auc_differences as (

    select
        pairs.scoring_model,
        pairs.other_scoring_model,
        'auc' as measure,
        residuals.outcome,
        max(residuals.auc) as primary_value,
        max(other_residuals.auc) as other_value,
        {{ auc_variance(
            'residuals.positives',
            'residuals.negatives',
            'residuals.positive_residual - other_residuals.positive_residual',
            'residuals.negative_residual - other_residuals.negative_residual'
        ) }} as difference_variance

    from pairs
    inner join auc_residuals as residuals on pairs.scoring_model = residuals.scoring_model
    inner join auc_residuals as other_residuals
        on
            pairs.other_scoring_model = other_residuals.scoring_model
            and residuals.outcome = other_residuals.outcome
            and residuals.account_id = other_residuals.account_id
    group by pairs.scoring_model, pairs.other_scoring_model, residuals.outcome

),

account_tops as (

    -- all accounts: one that is in the top decile of one model only counts as 0 rows in the other
    select
        scoring_model,
        outcome,
        account_id,
        sum(case when decile = 1 then 1 else 0 end) as n,
        sum(case when decile = 1 then converted else 0 end) as converted

    from outcomes
    group by scoring_model, outcome, account_id

),

top_rates as (

    select
        scoring_model,
        outcome,
        sum(n) as n,
        {{ double('sum(converted)') }} / nullif(sum(n), 0) as rate

    from account_tops
    group by scoring_model, outcome

),

top_residuals as (

    select
        account_tops.scoring_model,
        account_tops.outcome,
        account_tops.account_id,
        top_rates.rate,
        (account_tops.converted - account_tops.n * top_rates.rate) / nullif(top_rates.n, 0)
            as residual

    from account_tops
    inner join top_rates
        on
            account_tops.scoring_model = top_rates.scoring_model
            and account_tops.outcome = top_rates.outcome

),

top_differences as (

    select
        pairs.scoring_model,
        pairs.other_scoring_model,
        'top_decile_rate' as measure,
        residuals.outcome,
        max(residuals.rate) as primary_value,
        max(other_residuals.rate) as other_value,
        {{ exact_sum('power(residuals.residual - other_residuals.residual, 2)') }}
        * count(*) / nullif(count(*) - 1, 0) as difference_variance

    from pairs
    inner join top_residuals as residuals on pairs.scoring_model = residuals.scoring_model
    inner join top_residuals as other_residuals
        on
            pairs.other_scoring_model = other_residuals.scoring_model
            and residuals.outcome = other_residuals.outcome
            and residuals.account_id = other_residuals.account_id
    group by pairs.scoring_model, pairs.other_scoring_model, residuals.outcome

),

final as (

    select * from auc_differences
    union all
    select * from top_differences

)

select * from final
