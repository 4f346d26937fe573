{# One row per contact of the CRM, merged and deleted ones included: its newest load. #}
{{ config(materialized='view') }}
with

final as (

    select * from {{ ref('stg_crm__contact_loads') }}
    where load_rank = 1

)

select * from final
