{#
  Checks the seeds and loads the files in env var RAW_DATA into the raw tables, before the first model
  of a run. Using the source triggers it: dbt-duckdb then calls engagement/landing/plugin.py. On other
  engines the raw tables are those of the user's own database.
#}
{% macro land_files() %}
    {% if execute and has_landing() and flags.WHICH in ('build', 'run', 'retry') %}
        {% do run_query('select 1') %}
        {% do source('landing', 'tables') %}
    {% endif %}
{% endmacro %}


{# The lines of files that landing couldn't read, for use after `from`. Empty if landing isn't used. #}
{% macro unreadable_lines() -%}
    {%- if has_landing() -%}
    {{ source('landing', 'unreadable_lines') }}
    {%- else -%}
    (
        select
            {{ null_text() }} as source_table,
            {{ null_text() }} as file_name,
            cast(null as {{ dbt.type_bigint() }}) as line_number,
            {{ null_text() }} as fault,
            {{ null_text() }} as line_text
        where 1 = 0
    )
    {%- endif %} as unreadable_lines
{%- endmacro %}
