{# One row per raw row of `account_domains`: your own and those of vendors, as landing would load them. #}
{{ config(enabled=not has_landing(), materialized='table') }}
select * from {{ loaded_rows('account_domains') }}
