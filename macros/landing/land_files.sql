{#
  Checks the seeds, and brings the raw tables up to the files below env var RAW_DATA, before the first
  model of a run that builds models. Asking for the source is what starts it: dbt-duckdb then calls
  engagement/landing/plugin.py. Elsewhere the raw tables are those of the user's own database.
#}
{% macro land_files() %}
    {% if execute and has_landing() and flags.WHICH in ('build', 'run', 'retry') %}
        {% do run_query('select 1') %}
        {% do source('landing', 'tables') %}
    {% endif %}
{% endmacro %}


{# The lines of files that landing could not read, to stand after `from`; no table has any elsewhere. #}
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
