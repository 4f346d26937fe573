{# One row per scoring model, outcome and band: how many of the band's accounts converted. #}
with

outcomes as (

    select * from {{ ref('int_landmark_outcomes') }}

),

outcome_names as (

    {{ outcome_rows() }}

),

band_rows as (

    -- a band without accounts has a row too
    select
        scoring_models.scoring_model,
        outcome_names.outcome,
        bands.band,
        bands.sort_order as band_order

    from {{ ref('scoring_models') }} as scoring_models
    cross join outcome_names
    cross join {{ ref('score_bands') }} as bands

),

totals as (

    select
        scoring_model,
        outcome,
        count(distinct case when converted = 1 then account_id end) as converted_accounts

    from outcomes
    group by scoring_model, outcome

),

counts as (

    select
        scoring_model,
        outcome,
        band,
        count(*) as n,
        count(distinct account_id) as accounts,
        sum(converted) as converted,
        {{ exact_sum('landmark_rate') }} as expected

    from outcomes
    group by scoring_model, outcome, band

),

judged as (

    select
        band_rows.*,
        cast(coalesce(counts.n, 0) as integer) as n,
        cast(coalesce(counts.accounts, 0) as integer) as accounts,
        cast(coalesce(counts.converted, 0) as integer) as converted,
        counts.expected,
        {{ data_verdict('coalesce(counts.accounts, 0)', 'coalesce(totals.converted_accounts, 0)') }}
            as verdict

    from band_rows
    left join counts
        on
            band_rows.scoring_model = counts.scoring_model
            and band_rows.outcome = counts.outcome
            and band_rows.band = counts.band
    left join totals
        on
            band_rows.scoring_model = totals.scoring_model
            and band_rows.outcome = totals.outcome

),

final as (

    select
        scoring_model,
        outcome,
        band,
        band_order,
        n,
        accounts,
        converted,
        {{ if_enough(double('converted') ~ ' / nullif(n, 0)') }} as rate,
        {{ if_enough(wilson_bound('-', 'converted', 'n')) }} as rate_low,
        {{ if_enough(wilson_bound('+', 'converted', 'n')) }} as rate_high,
        {{ measured('coalesce(expected, 0)') }} as expected_converted,
        {{ if_enough('converted / nullif(expected, 0)') }} as lift,
        verdict

    from judged

)

select * from final
