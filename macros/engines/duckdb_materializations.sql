{#
  A model takes the place of its table or view in one transaction. dbt-duckdb writes another one, and
  renames and drops both: four statements more for each model, and a fifth of the time of dbt itself.
#}
{% materialization table, adapter='duckdb' %}
    {% do return(duckdb__replaced('table')) %}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {% do return(duckdb__replaced('view')) %}
{% endmaterialization %}


{# What a materialization returns to dbt, after it wrote the model as a 'table' or 'view'. #}
{% macro duckdb__replaced(kind) %}
    {% set old, new = load_cached_relation(this), this.incorporate(type=kind) %}
    {{ run_hooks(pre_hooks, inside_transaction=false) }}
    {{ run_hooks(pre_hooks, inside_transaction=true) }}
    {% call statement('main') %}
        {{ 'drop ' ~ old.type ~ ' if exists ' ~ old ~ ';' if old }}
        {{ create_table_as(false, new, sql) if kind == 'table' else create_view_as(new, sql) }}
    {% endcall %}
    {% do create_indexes(new) %}
    {% do persist_docs(new, model) %}
    {{ run_hooks(post_hooks, inside_transaction=true) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=false) }}
    {% do return({'relations': [new]}) %}
{% endmacro %}
