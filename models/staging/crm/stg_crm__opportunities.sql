{# One row per opportunity of the CRM, deleted ones included: its newest load. #}
{{ config(materialized='view') }}
with

final as (

    select * from {{ ref('stg_crm__opportunity_loads') }}
    where load_rank = 1

)

select * from final
