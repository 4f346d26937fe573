{#
  Runs before the first model, and deletes the record of the last build. From here on, marts of two
  builds may be mixed, so nothing can be published until `record_build_end` allows it. A killed build
  leaves it that way. Stops the run if var `mask_personal_data` is neither true nor false.
#}
{% macro record_build_start() %}
    {% do masks_personal_data() %}
    {% if records_builds() %}
        {% do run_together(['drop table if exists ' ~ run_table('last_build')]) %}
    {% endif %}
{% endmacro %}


{#
  Runs after the last model and test. Writes `runs.last_build`, one row that says whether the marts
  are one set that passed every test, with the vars that commands need. Writes `runs.mart_columns`,
  the marts with their descriptions in YAML. Neither holds a time of day, so the same inputs give the
  same tables.
#}
{% macro record_build_end(results) %}
    {% if records_builds() %}
        {% set shortcomings = build_shortcomings(results) %}
        {% do run_together([
            'create schema if not exists ' ~ generate_schema_name('runs', none),
            'drop table if exists ' ~ run_table('mart_columns'),
            'create table ' ~ run_table('mart_columns') ~ ' as '
            ~ 'select * from (values ' ~ mart_column_rows() | join(', ') ~ ') '
            ~ 'as columns (mart_schema, mart, column_name, description, personal)',
            'drop table if exists ' ~ run_table('last_build'),
            'create table ' ~ run_table('last_build') ~ ' as select ' ~ text_literal(invocation_id)
            ~ ' as invocation_id, ' ~ (shortcomings | length == 0) ~ ' as is_complete, '
            ~ text_literal(shortcomings | join('; ')) ~ ' as remark, '
            ~ masks_personal_data() ~ ' as masks_personal_data, '
            ~ var('most_moved_share') ~ ' as most_moved_share, '
            ~ var('measurement_min_accounts') ~ ' as measurement_min_accounts, '
            ~ var('measurement_min_conversions') ~ ' as measurement_min_conversions',
        ]) %}
    {% endif %}
{% endmacro %}


{# A table about the last build in SQL. #}
{% macro run_table(name) %}
    {% do return(generate_schema_name('runs', none) | trim ~ '.' ~ name) %}
{% endmacro %}


{# Statements in one transaction, where the engine has such. #}
{% macro run_together(statements) %}
    {% for sql in statements %}
        {% call statement(auto_begin=true) %}{{ sql }}{% endcall %}
    {% endfor %}
    {% do adapter.commit() %}
{% endmacro %}


{#
  True if publishing uses what these hooks write. It doesn't in a package, or after commands that run
  hooks but change no table, such as `dbt compile` and `dbt docs generate`.
#}
{% macro records_builds() %}
    {% do return(
        execute and not is_package()
        and flags.WHICH in ['build', 'run', 'seed', 'snapshot', 'retry']
    ) %}
{% endmacro %}


{# True if var `mask_personal_data` asks for masked marts. #}
{% macro masks_personal_data() %}
    {% set mask = var('mask_personal_data') | string | lower %}
    {% if mask not in ('true', 'false') %}
        {% do exceptions.raise_compiler_error(
            "Var mask_personal_data is '" ~ var('mask_personal_data') ~ "'. Write true or false."
        ) %}
    {% endif %}
    {% do return(mask == 'true') %}
{% endmacro %}


{#
  The reasons why the marts may not be one set that passed every test, as a list of half-sentences;
  empty if they are. Unit tests don't depend on data and can be left out.
#}
{% macro build_shortcomings(results) %}
    {% set done = ['success', 'pass', 'warn', 'no-op'] %}
    {#- an exposure runs nothing; it is skipped if one of its marts failed -#}
    {% set failed = results
        | rejectattr('status', 'in', done)
        | map(attribute='node')
        | rejectattr('resource_type', 'equalto', 'exposure')
        | list %}
    {% set ran = results | map(attribute='node') | map(attribute='unique_id') | list %}
    {% set left_out = graph.nodes.values()
        | selectattr('package_name', 'equalto', 'engagement')
        | selectattr('resource_type', 'in', ['seed', 'snapshot', 'model', 'test'])
        | rejectattr('config.materialized', 'equalto', 'ephemeral')
        | rejectattr('unique_id', 'in', ran)
        | list %}
    {% set shortcomings = [] %}
    {% if failed %}
        {% do shortcomings.append(
            failed | length ~ ' of its models, seeds and tests failed or were skipped,'
            ~ ' the first is ' ~ failed[0].name
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


{# The nodes to publish: the marts, and seeds that charts need, such as the score bands. #}
{% macro published_nodes() %}
    {% set nodes = graph.nodes.values() | selectattr('package_name', 'equalto', 'engagement') %}
    {% set published = [] %}
    {% for node in nodes
        if (node.resource_type == 'model' and node.fqn[1] == 'marts')
        or (node.resource_type == 'seed' and node.config.meta.is_published) %}
        {% do published.append(node) %}
    {% endfor %}
    {% do return(published) %}
{% endmacro %}


{# One SQL row per mart (with a null column_name) and per column of a mart, as text. #}
{% macro mart_column_rows() %}
    {% set rows = [] %}
    {% for mart in published_nodes() %}
        {#- commands call the schema of the target `main` -#}
        {% set schema = 'main' if mart.schema == target.schema else mart.schema %}
        {% do rows.append([schema, mart.alias, none, mart.description, none]) %}
        {% for column in mart.columns.values() %}
            {% do rows.append([
                schema, mart.alias, column.name, column.description, column.config.meta.personal,
            ]) %}
        {% endfor %}
    {% endfor %}
    {#- a macro called for each of a thousand cells would take a second -#}
    {% set escaped_quote, missing = dbt.escape_single_quotes("'"), null_text() %}
    {% set texts = [] %}
    {% for row in rows %}
        {% set literals = [] %}
        {% for value in row %}
            {% do literals.append(
                "'" ~ (value | replace("'", escaped_quote)) ~ "'" if value else missing
            ) %}
        {% endfor %}
        {% do texts.append('(' ~ literals | join(', ') ~ ')') %}
    {% endfor %}
    {% do return(texts) %}
{% endmacro %}


{# A text as an SQL literal. None and undefined become null. #}
{% macro text_literal(value) %}
    {% do return(dbt.string_literal(dbt.escape_single_quotes(value)) if value else null_text()) %}
{% endmacro %}
