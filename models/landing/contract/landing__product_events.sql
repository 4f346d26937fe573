{# One row per raw row of `product_events`: your own and those of vendors, as landing would load them. #}
{{ config(enabled=not has_landing(), materialized='table') }}
select * from {{ loaded_rows('product_events') }}
