{#
  Checks the seeds, and brings the raw tables up to the files below env var RAW_DATA, before the first
  model of a run that builds models. Asking for the source is what starts it: dbt-duckdb then calls
  engagement/landing/plugin.py. Engines other than DuckDB bring their raw tables themselves.
#}
{% macro land_files() %}
    {% if execute and target.type == 'duckdb' and flags.WHICH in ('build', 'run', 'retry') %}
        {% do run_query('select 1') %}
        {% do source('landing', 'tables') %}
    {% endif %}
{% endmacro %}
