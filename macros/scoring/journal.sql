{#
  Deletes the rows of a journal that this run writes again: those of days that are not settled yet.
  Before an incremental run, in its transaction.
#}
{% macro delete_new_days(date_column) -%}
    {%- if is_incremental() %}
    delete from {{ this }}
    where {{ date_column }} >= (select new_from from {{ ref('int_new_days') }})
    {%- endif %}
{%- endmacro %}
