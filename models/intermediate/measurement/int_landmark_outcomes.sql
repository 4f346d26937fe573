{#
  One row per used landmark, eligible account, scoring model and outcome: whether it converted, and
  the share of the landmark's accounts that did.
#}
{{ config(materialized='view') }}
with

scores as (

    select * from {{ ref('int_landmark_scores') }}
    where is_used

),

outcomes as (

    {% for outcome in measured_outcomes() %}
    select
        landmark_on,
        account_id,
        scoring_model,
        '{{ outcome }}' as outcome,
        score,
        band,
        decile,
        {{ outcome }} as converted

    from scores
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select
        *,
        avg({{ double('converted') }}) over (
            partition by landmark_on, scoring_model, outcome
        ) as landmark_rate

    from outcomes

)

select * from final
