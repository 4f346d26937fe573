{# One row per opportunity of the CRM, deleted ones included: its newest load. #}
{{ config(materialized='view') }}
-- depends_on: {{ ref('int_seed_check') }}
with

final as (

    select * from {{ ref('stg_crm__opportunity_loads') }}
    where load_rank = 1

)

select * from final
