{#
  Runs before the first model of `dbt run`, which loads no seeds. Stops the run if a seed was never
  loaded. engagement/seeds/ has already checked the content of their files.
#}
{% macro refuse_unloaded_seeds() %}
    {% set faults = [] %}
    {% for seed in rule_seeds() if flags.WHICH == 'run' %}
        {% if not load_relation(api.Relation.create(
            database=seed.database, schema=seed.schema, identifier=seed.alias
        )) %}
            {% do faults.append(seed.original_file_path ~ ' was not loaded.') %}
        {% endif %}
    {% endfor %}
    {% if faults %}
        {% do exceptions.raise_compiler_error(
            faults | join(' ') ~ ' Run `dbt seed`, or build everything with `dbt build`.'
        ) %}
    {% endif %}
{% endmacro %}
