{#
  One row per opportunity of the CRM: its newest usable load. The stage is the CRM's own word;
  `int_opportunities` says what it means.
#}
{{ config(materialized='view') }}
with

final as (

    select * from {{ ref('stg_crm__opportunity_loads') }}
    where load_rank = 1

)

select * from final
