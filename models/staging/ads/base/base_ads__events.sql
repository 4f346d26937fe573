{# One row per raw row of ad_events: typed, and judged usable or not. #}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_due_records('ad_events') }}",
    )
}}
-- depends_on: {{ ref('int_seed_check') }}, {{ ref('int_due_records') }}
{{ landed_rows('ad_events') }}
