{#
  When a connector wrote a row of a vendor's table, as SQL over the columns of `alias`; for a row of a
  file that does not say it, when landing first saw it.
#}
{% macro connector_loaded_at(alias) -%}
    coalesce(
        {{ alias }}._fivetran_synced, {{ alias }}._airbyte_extracted_at, {{ alias }}.first_seen_at
    )
{%- endmacro %}


{#
  A select of the newest row of each record of a vendor's table, by its column `id`: connectors and
  exports may bring each version of a record.
#}
{% macro newest_vendor_rows(table, vendor) -%}
    select * from (
        select
            *,
            row_number() over (
                partition by id
                order by {{ connector_loaded_at('vendor_rows') }} desc, row_id desc
            ) as load_rank

        from {{ raw_table(table, vendor) }} as vendor_rows
        where id is not null
    ) as ranked_rows
    where load_rank = 1
{%- endmacro %}
