{#
  One row per scoring model, outcome and group of accounts (a band or a decile): how many of its
  rows in the landmark backtest converted, compared with all and with the rest.
#}
{% set sides = ('successes', 'trials', 'other_successes', 'other_trials') %}
with

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

scoring_models as (

    select scoring_model from {{ ref('scoring_models') }}

),

account_groups as (

    select
        'band' as group_kind,
        band as group_name

    from {{ ref('score_bands') }}

    union all

    select
        'decile' as group_kind,
        cast(number as {{ dbt.type_string() }}) as group_name

    from {{ ref('int_numbers') }}
    where number between 1 and 10

),

outcome_names as (

    select 'opportunity_created' as outcome
    union all
    select 'won' as outcome

),

wanted as (

    -- a group without any account is a row, too
    select
        scoring_models.scoring_model,
        outcome_names.outcome,
        account_groups.group_kind,
        account_groups.group_name

    from scoring_models
    cross join account_groups
    cross join outcome_names

),

grouped as (

    select
        scoring_model,
        outcome,
        'band' as group_kind,
        band as group_name,
        account_id,
        score,
        converted

    from outcomes

    union all

    select
        scoring_model,
        outcome,
        'decile' as group_kind,
        cast(decile as {{ dbt.type_string() }}) as group_name,
        account_id,
        score,
        converted

    from outcomes

),

account_sums as (

    select
        scoring_model,
        outcome,
        group_kind,
        group_name,
        account_id,
        count(*) as n,
        sum(converted) as converted,
        min(score) as min_score,
        max(score) as max_score

    from grouped
    group by scoring_model, outcome, group_kind, group_name, account_id

),

group_sums as (

    select
        scoring_model,
        outcome,
        group_kind,
        group_name,
        sum(n) as n,
        count(*) as accounts,
        sum(converted) as converted,
        min(min_score) as min_score,
        max(max_score) as max_score

    from account_sums
    group by scoring_model, outcome, group_kind, group_name

),

residuals as (

    -- how far each account is from what the group's rate lets one expect
    select
        account_sums.scoring_model,
        account_sums.outcome,
        account_sums.group_kind,
        account_sums.group_name,
        {{ exact_sum(
            'power(account_sums.converted'
            ~ ' - account_sums.n * ' ~ double('group_sums.converted') ~ ' / group_sums.n, 2)'
        ) }} as squared_residuals

    from account_sums
    inner join group_sums
        on
            account_sums.scoring_model = group_sums.scoring_model
            and account_sums.outcome = group_sums.outcome
            and account_sums.group_kind = group_sums.group_kind
            and account_sums.group_name = group_sums.group_name
    group by
        account_sums.scoring_model,
        account_sums.outcome,
        account_sums.group_kind,
        account_sums.group_name

),

totals as (

    select
        scoring_model,
        outcome,
        count(*) as n,
        sum(converted) as converted,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from outcomes
    group by scoring_model, outcome

),

counted as (

    select
        wanted.scoring_model,
        wanted.outcome,
        wanted.group_kind,
        wanted.group_name,
        group_sums.min_score,
        group_sums.max_score,
        residuals.squared_residuals,
        cast(coalesce(group_sums.n, 0) as integer) as n,
        cast(coalesce(group_sums.accounts, 0) as integer) as accounts,
        cast(coalesce(group_sums.converted, 0) as integer) as converted,
        cast(coalesce(totals.n, 0) as integer) as total_n,
        cast(coalesce(totals.converted, 0) as integer) as total_converted,
        coalesce(totals.converted_accounts, 0) as converted_accounts

    from wanted
    left join group_sums
        on
            wanted.scoring_model = group_sums.scoring_model
            and wanted.outcome = group_sums.outcome
            and wanted.group_kind = group_sums.group_kind
            and wanted.group_name = group_sums.group_name
    left join residuals
        on
            wanted.scoring_model = residuals.scoring_model
            and wanted.outcome = residuals.outcome
            and wanted.group_kind = residuals.group_kind
            and wanted.group_name = residuals.group_name
    left join totals
        on
            wanted.scoring_model = totals.scoring_model
            and wanted.outcome = totals.outcome

),

judged as (

    select
        *,
        {{ data_verdict('accounts', 'converted_accounts') }} as verdict

    from counted

),

measurable as (

    -- what there is too little of is null from here on, and so is all that is made of it
    select
        *,
        case when verdict = 'enough data' then n end as trials,
        case when verdict = 'enough data' then converted end as successes,
        total_n - n as other_trials,
        total_converted - converted as other_successes

    from judged

),

with_effective as (

    select
        *,
        {{ effective_trials('successes', 'trials', 'accounts', 'squared_residuals') }}
            as effective_trials

    from measurable

),

final as (

    select
        scoring_model,
        outcome,
        group_kind,
        group_name,
        min_score,
        max_score,
        n,
        accounts,
        converted,
        {{ measured(double('successes') ~ ' / trials') }} as rate,
        {{ measured(wilson_bound('-', 'successes', 'trials')) }} as rate_low,
        {{ measured(wilson_bound('+', 'successes', 'trials')) }} as rate_high,
        {{ measured(wilson_bound(
            '-', 'successes * effective_trials / trials', 'effective_trials'
        )) }} as clustered_rate_low,
        {{ measured(wilson_bound(
            '+', 'successes * effective_trials / trials', 'effective_trials'
        )) }} as clustered_rate_high,
        {{ measured(double('total_converted') ~ ' / nullif(total_n, 0)') }} as base_rate,
        {{ measured(risk_ratio('successes', 'trials', 'total_converted', 'total_n')) }} as lift,
        {{ measured(risk_ratio(*sides)) }} as risk_ratio,
        {{ measured(risk_ratio_bound('-', *sides)) }} as risk_ratio_low,
        {{ measured(risk_ratio_bound('+', *sides)) }} as risk_ratio_high,
        verdict

    from with_effective

)

select * from final
