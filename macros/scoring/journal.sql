{#
  The last day that the journals have settled, as a select of one row with `settled_on`; null before
  their first run.
#}
{% macro last_settled_day() -%}
    {%- set settled_scores = adapter.get_relation(
        this.database, this.schema, 'int_settled_scores'
    ) -%}
    {%- if settled_scores -%}
    select max(settled_on) as settled_on from {{ settled_scores }}
    {%- else -%}
    select cast(null as date) as settled_on
    {%- endif %}
{%- endmacro %}


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
