{# One row per landmark, eligible account, scoring model and outcome: did it convert? #}
{{ config(materialized='view') }}
with

landmark_accounts as (

    select * from {{ ref('int_landmark_accounts') }}

),

final as (

    {% for outcome in ('opportunity_created', 'won') %}
    select
        landmark_on,
        account_id,
        scoring_model,
        '{{ outcome }}' as outcome,
        score,
        rank_score,
        band,
        decile,
        {{ outcome }} as converted

    from landmark_accounts
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
