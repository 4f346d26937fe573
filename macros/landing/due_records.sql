{#
  The raw event tables that have been built before, as in `raw_tables`, each with `stored`, the
  relation of its base model; none while dbt only parses.
#}
{% macro stored_event_tables() %}
    {% set tables = [] %}
    {% set staging = generate_schema_name('staging', none) | trim %}
    {% for table in raw_tables() if table.is_event %}
        {# so that dbt knows of all of them, whichever are stored #}
        {% do source('raw', table.name) %}
        {% set stored = adapter.get_relation(this.database, staging, table.model) %}
        {% if stored %}{% do tables.append(dict(table, stored=stored)) %}{% endif %}
    {% endfor %}
    {% do return(tables) %}
{% endmacro %}


{#
  The load days that have to be read again, as a select of source_table and loaded_on: those of which
  another number of rows has landed than is stored, the last var `reload_days` before the newest
  stored one, all newer ones, and the rows without a load time (`loaded_on` = first_day()).

  `landed_days`: source_table, loaded_on, row_count.
  `stored_days`: source_table, loaded_on, row_count, usable_rows (0: only rejected ones, whose load
  time may be nonsense).
#}
{% macro due_load_days(landed_days, stored_days) -%}
    select
        day_counts.source_table,
        day_counts.loaded_on

    from (
        select
            source_table,
            loaded_on,
            sum(landed_rows) as landed_rows,
            sum(stored_rows) as stored_rows

        from (
            select
                source_table,
                loaded_on,
                row_count as landed_rows,
                0 as stored_rows

            from {{ landed_days }}

            union all

            select
                source_table,
                loaded_on,
                0 as landed_rows,
                row_count as stored_rows

            from {{ stored_days }}
        ) as counts
        group by source_table, loaded_on
    ) as day_counts
    left join (
        select
            source_table,
            max(loaded_on) as newest_on

        from {{ stored_days }}
        where usable_rows > 0
        group by source_table
    ) as newest_loads on day_counts.source_table = newest_loads.source_table
    where
        day_counts.landed_rows <> day_counts.stored_rows
        or day_counts.loaded_on = {{ first_day() }}
        or coalesce(
            day_counts.loaded_on
            > {{ add_days('newest_loads.newest_on', '-' ~ var('reload_days')) }},
            true
        )
{%- endmacro %}


{# The load day of a row, or first_day() where its load time is missing or cannot be read. #}
{% macro load_day(loaded_at) -%}
    coalesce(cast({{ loaded_at }} as date), {{ first_day() }})
{%- endmacro %}


{# True for the records of one raw table that this run reads again: those without a key, too. #}
{% macro is_due_record(key, table_name) -%}
    (
        {{ key }} is null
        or {{ key }} in (
            select record_key from {{ ref('int_due_records') }}
            where source_table = '{{ table_name }}'
        )
    )
{%- endmacro %}


{#
  Deletes the stored rows of the records of one raw table that this run reads again. Before an
  incremental run, in its transaction.
#}
{% macro delete_due_records(table_name) -%}
    {%- if is_incremental() %}
    {%- set key = raw_tables() | selectattr('name', 'equalto', table_name) | map(attribute='key') | first %}
    delete from {{ this }}
    where {{ is_due_record(key, table_name) }}
    {%- endif %}
{%- endmacro %}
