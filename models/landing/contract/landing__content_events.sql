{# One row per raw row of `content_events`: your own and those of vendors, as landing would load them. #}
{{ config(enabled=not has_landing(), materialized='table') }}
select * from {{ loaded_rows('content_events') }}
