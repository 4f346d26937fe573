{#
  One row per band. It holds the scores from `min_score` to below `next_min_score`. Charts sort by
  `band_order`.
#}
{{ config(materialized='view') }}
with

final as (

    select
        band,
        min_score,
        coalesce(
            lead(min_score) over (order by min_score), {{ end_of_numbers() }}
        ) as next_min_score,
        sort_order as band_order

    from {{ ref('score_bands') }}

)

select * from final
