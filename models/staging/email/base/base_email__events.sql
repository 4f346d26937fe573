{# One row per raw row of email_events: typed, and judged usable or not. #}
{{ config(materialized='table') }}
-- depends_on: {{ ref('int_seed_faults') }}
{{ landed_rows('email_events') }}
