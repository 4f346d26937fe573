{#
  One row per scoring model beside the primary and thing compared: what would change if the other
  model were the primary, and which of the two ranks accounts better.
#}
{# the first day of the history has no day before, and so no crossing #}
{% set observed_days = var('history_days') | int - 1 %}
with

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

prospects as (

    select * from {{ ref('int_prospect_accounts') }}

),

account_scores as (

    select history.*
    from {{ ref('account_score_history') }} as history
    inner join {{ ref('int_as_of_date') }} as as_of on history.score_date = as_of.as_of_date

),

bands as (

    select * from {{ ref('score_bands') }}

),

alert_rules as (

    select distinct
        notify_role,
        cast(ceil(threshold) as integer) as threshold

    from {{ ref('alert_rules') }}
    where kind = 'threshold' and is_active

),

rises as (

    select * from {{ ref('int_score_rises') }}

),

differences as (

    select * from {{ ref('int_scoring_model_differences') }}

),

quality as (

    select * from {{ ref('ranking_quality') }}

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

present_scores as (

    select
        account_scores.scoring_model,
        account_scores.account_id,
        account_scores.band,
        cast(round(account_scores.score_raw, 6) as decimal(18, 6)) as rank_score

    from account_scores
    inner join prospects on account_scores.account_id = prospects.account_id

),

present_ranks as (

    -- twice the distance of an account's rank from the middle, equal scores in the middle of theirs
    select
        *,
        2 * rank() over (partition by scoring_model order by rank_score)
        + count(*) over (partition by scoring_model, rank_score)
        - count(*) over (partition by scoring_model) - 2 as centred_rank

    from present_scores

),

present_pairs as (

    select
        pairs.scoring_model,
        pairs.other_scoring_model,
        ranks.account_id,
        ranks.band,
        other_ranks.band as other_band,
        ranks.centred_rank,
        other_ranks.centred_rank as other_centred_rank

    from pairs
    inner join present_ranks as ranks on pairs.scoring_model = ranks.scoring_model
    inner join present_ranks as other_ranks
        on
            pairs.other_scoring_model = other_ranks.scoring_model
            and ranks.account_id = other_ranks.account_id

),

pair_bands as (

    select
        pairs.scoring_model,
        pairs.other_scoring_model,
        bands.band,
        bands.sort_order,
        other_bands.band as other_band,
        other_bands.sort_order as other_sort_order

    from pairs
    cross join bands
    cross join bands as other_bands

),

movement_counts as (

    select
        scoring_model,
        other_scoring_model,
        band,
        other_band,
        count(*) as accounts

    from present_pairs
    group by scoring_model, other_scoring_model, band, other_band

),

movements as (

    select
        pair_bands.scoring_model,
        pair_bands.other_scoring_model,
        'band_movement' as measure,
        pair_bands.band || ' to ' || pair_bands.other_band as detail,
        cast(
            row_number() over (
                partition by pair_bands.scoring_model, pair_bands.other_scoring_model
                order by pair_bands.sort_order, pair_bands.other_sort_order
            ) as integer
        ) as detail_order,
        {{ double('coalesce(movement_counts.accounts, 0)') }} as value,
        {{ double('null') }} as primary_value,
        {{ double('null') }} as other_value,
        {{ double('null') }} as difference_reach,
        'enough data' as verdict

    from pair_bands
    left join movement_counts
        on
            pair_bands.scoring_model = movement_counts.scoring_model
            and pair_bands.other_scoring_model = movement_counts.other_scoring_model
            and pair_bands.band = movement_counts.band
            and pair_bands.other_band = movement_counts.other_band

),

rank_sums as (

    -- squares of whole numbers, exact
    select
        scoring_model,
        other_scoring_model,
        count(*) as accounts,
        {{ double('sum(cast(centred_rank * other_centred_rank as decimal(38, 0)))') }} as products,
        {{ double('sum(cast(centred_rank * centred_rank as decimal(38, 0)))') }} as squares,
        {{ double('sum(cast(other_centred_rank * other_centred_rank as decimal(38, 0)))') }}
            as other_squares

    from present_pairs
    group by scoring_model, other_scoring_model

),

correlations as (

    -- Spearman: the correlation of ranks, equal scores sharing theirs
    select
        pairs.scoring_model,
        pairs.other_scoring_model,
        'rank_correlation' as measure,
        'all prospect accounts' as detail,
        0 as detail_order,
        case
            when rank_sums.accounts >= {{ var('measurement_min_accounts') }}
                then
                    rank_sums.products
                    / nullif(sqrt(rank_sums.squares) * sqrt(rank_sums.other_squares), 0)
        end as value,
        {{ double('null') }} as primary_value,
        {{ double('null') }} as other_value,
        {{ double('null') }} as difference_reach,
        {{ data_verdict('coalesce(rank_sums.accounts, 0)') }} as verdict

    from pairs
    left join rank_sums
        on
            pairs.scoring_model = rank_sums.scoring_model
            and pairs.other_scoring_model = rank_sums.other_scoring_model

),

crossing_counts as (

    select
        alert_rules.notify_role,
        alert_rules.threshold,
        rises.scoring_model,
        count(*) as crossings

    from alert_rules
    inner join rises
        on
            alert_rules.threshold > rises.score_before
            and alert_rules.threshold <= rises.score
    group by alert_rules.notify_role, alert_rules.threshold, rises.scoring_model

),

alert_volumes as (

    select
        pairs.scoring_model,
        pairs.other_scoring_model,
        'alerts_per_week' as measure,
        alert_rules.notify_role || ' at ' || {{ integer_text('alert_rules.threshold') }} as detail,
        alert_rules.threshold as detail_order,
        {{ double('null') }} as value,
        coalesce(crossing_counts.crossings, 0) * 7
        / {{ double('nullif(' ~ observed_days ~ ', 0)') }} as primary_value,
        coalesce(other_counts.crossings, 0) * 7
        / {{ double('nullif(' ~ observed_days ~ ', 0)') }} as other_value,
        {{ double('null') }} as difference_reach,
        'enough data' as verdict

    from pairs
    cross join alert_rules
    left join crossing_counts
        on
            pairs.scoring_model = crossing_counts.scoring_model
            and alert_rules.notify_role = crossing_counts.notify_role
            and alert_rules.threshold = crossing_counts.threshold
    left join crossing_counts as other_counts
        on
            pairs.other_scoring_model = other_counts.scoring_model
            and alert_rules.notify_role = other_counts.notify_role
            and alert_rules.threshold = other_counts.threshold

),

measures as (

    select 'auc' as measure
    union all
    select 'top_decile_rate' as measure

),

quality_differences as (

    select
        quality.scoring_model,
        pairs.other_scoring_model,
        measures.measure,
        quality.outcome as detail,
        case when quality.outcome = 'won' then 2 else 1 end as detail_order,
        {{ double('null') }} as value,
        case when quality.verdict = 'enough data' then differences.primary_value end
            as primary_value,
        case when quality.verdict = 'enough data' then differences.other_value end as other_value,
        {{ interval_reach('differences.difference_variance') }} as difference_reach,
        quality.verdict

    from pairs
    inner join quality on pairs.scoring_model = quality.scoring_model
    cross join measures
    left join differences
        on
            pairs.scoring_model = differences.scoring_model
            and pairs.other_scoring_model = differences.other_scoring_model
            and measures.measure = differences.measure
            and quality.outcome = differences.outcome

),

compared as (

    select * from movements
    union all
    select * from correlations
    union all
    select * from alert_volumes
    union all
    select * from quality_differences

),

final as (

    select
        scoring_model,
        other_scoring_model,
        measure,
        detail,
        cast(
            row_number() over (
                partition by scoring_model, other_scoring_model, measure
                order by detail_order, detail
            ) as integer
        ) as detail_order,
        {{ measured('value') }} as value,
        {{ measured('primary_value') }} as primary_value,
        {{ measured('other_value') }} as other_value,
        {{ measured('other_value - primary_value') }} as difference,
        {{ measured('other_value - primary_value - difference_reach') }} as difference_low,
        {{ measured('other_value - primary_value + difference_reach') }} as difference_high,
        verdict

    from compared

)

select * from final
