{#
  One row per contact of the CRM: its newest usable load. Merged and deleted contacts are included;
  `int_contacts` holds the live ones.
#}
{{ config(materialized='view') }}
with

final as (

    select * from {{ ref('stg_crm__contact_loads') }}
    where load_rank = 1

)

select * from final
