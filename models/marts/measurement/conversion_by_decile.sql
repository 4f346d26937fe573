{# One row per scoring model, outcome and decile: how many accounts of the decile converted. #}
with

conversions as (

    select
        *,
        cast(group_name as integer) as decile

    from {{ ref('int_conversions') }}
    where group_kind = 'decile'

),

cumulated as (

    select
        *,
        sum(n) over (
            partition by scoring_model, outcome order by decile
            rows between unbounded preceding and current row
        ) as n_so_far,
        sum(converted) over (
            partition by scoring_model, outcome order by decile
            rows between unbounded preceding and current row
        ) as converted_so_far,
        sum(n) over (partition by scoring_model, outcome) as total_n,
        sum(converted) over (partition by scoring_model, outcome) as total_converted

    from conversions

),

final as (

    select
        scoring_model,
        outcome,
        decile,
        min_score,
        max_score,
        n,
        accounts,
        converted,
        rate,
        rate_low,
        rate_high,
        clustered_rate_low,
        clustered_rate_high,
        base_rate,
        lift,
        risk_ratio,
        risk_ratio_low,
        risk_ratio_high,
        {{ measured(double('n_so_far') ~ ' / nullif(total_n, 0)') }} as share_of_accounts_so_far,
        {{ measured(double('converted_so_far') ~ ' / nullif(total_converted, 0)') }}
            as share_of_conversions_so_far,
        verdict

    from cumulated

)

select * from final
