{# One row per raw row of crm_contacts: typed, and judged usable or not. #}
{{ config(materialized='table') }}
-- depends_on: {{ ref('int_seed_check') }}
{{ landed_rows('crm_contacts') }}
