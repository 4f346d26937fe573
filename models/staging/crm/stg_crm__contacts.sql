{# One row per contact of the CRM, merged and deleted ones included: its newest load. #}
{{ config(materialized='view') }}
-- depends_on: {{ ref('int_seed_check') }}
with

final as (

    select * from {{ ref('stg_crm__contact_loads') }}
    where load_rank = 1

)

select * from final
