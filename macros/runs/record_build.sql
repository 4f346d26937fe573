{#
  Before the first model: from here on marts of two builds may stand side by side, so nothing is
  complete until `record_build_end` says so. Whoever kills the build leaves it at that.
#}
{% macro record_build_start() %}
    {% if execute and flags.WHICH not in commands_that_build_nothing() %}
        {% do adapter.dispatch('record_build', 'engagement')(
            false, 'it has not ended: it is still running, or it was killed'
        ) %}
    {% endif %}
{% endmacro %}


{# After the last model and test: whether the marts are one set that has passed every test. #}
{% macro record_build_end(results) %}
    {% if execute and flags.WHICH not in commands_that_build_nothing() %}
        {% set shortcomings = build_shortcomings(results) %}
        {% do adapter.dispatch('record_build', 'engagement')(
            shortcomings | length == 0, shortcomings | join('; ')
        ) %}
    {% endif %}
{% endmacro %}


{# The commands that run these hooks and leave every table as it is. #}
{% macro commands_that_build_nothing() %}
    {% do return(['test', 'freshness']) %}
{% endmacro %}


{#
  A list of half-sentences that say why the marts may not be a set that has passed every test; empty
  if they are one. Unit tests know no data and may be left out.
#}
{% macro build_shortcomings(results) %}
    {% set failed = [] %}
    {% set done = [] %}
    {% for result in results %}
        {% if result.status in ('success', 'pass', 'warn', 'no-op') %}
            {% do done.append(result.node.unique_id) %}
        {% else %}
            {% do failed.append(result.node.name) %}
        {% endif %}
    {% endfor %}
    {% set left_out = graph.nodes.values()
        | selectattr('package_name', 'equalto', 'engagement')
        | selectattr('resource_type', 'in', ['seed', 'snapshot', 'model', 'test'])
        | rejectattr('config.materialized', 'equalto', 'ephemeral')
        | rejectattr('unique_id', 'in', done)
        | rejectattr('name', 'in', failed)
        | list %}
    {% set shortcomings = [] %}
    {% if failed %}
        {% do shortcomings.append(
            failed | length ~ ' of its models, seeds and tests failed or were skipped,'
            ~ ' the first is ' ~ failed[0]
        ) %}
    {% endif %}
    {% if left_out %}
        {% do shortcomings.append(
            left_out | length ~ ' of the models, seeds and tests were left out,'
            ~ ' such as ' ~ left_out[0].name
        ) %}
    {% endif %}
    {% do return(shortcomings) %}
{% endmacro %}


{#
  Writes the one row of `runs.last_build`, in one statement. It holds no time of day: the same
  inputs give the same tables.
#}
{% macro duckdb__record_build(is_complete, remark) %}
    {% set marts = [] %}
    {% for node in graph.nodes.values()
        if node.resource_type == 'model' and node.package_name == 'engagement'
        and node.fqn[1] == 'marts' %}
        {% do marts.append(node.schema ~ '.' ~ node.alias) %}
    {% endfor %}
    {% do run_query('create schema if not exists runs') %}
    {% do run_query(
        "create or replace table runs.last_build as select '"
        ~ invocation_id ~ "' as invocation_id, " ~ is_complete ~ " as is_complete, '"
        ~ remark | replace("'", "''") ~ "' as remark, '" ~ marts | sort | join(',') ~ "' as marts"
    ) %}
{% endmacro %}


{# Only DuckDB's file is published by copying it; other engines serve readers while they build. #}
{% macro default__record_build(is_complete, remark) %}
{% endmacro %}
