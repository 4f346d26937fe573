{#
  Runs before the first model. Drops what models of vendors have left in the database, if the vendor,
  or a table of it, is no longer switched on. Otherwise its people could never be forgotten.
#}
{% macro drop_switched_off_models() %}
    {% if execute and flags.WHICH in ('build', 'run', 'retry') %}
        {% set models = graph.nodes.values()
            | selectattr('resource_type', 'equalto', 'model')
            | selectattr('package_name', 'equalto', 'engagement') | list %}
        {% set staged = models | selectattr('name', 'equalto', 'stg_crm__accounts') | first %}
        {% set used = models | map(attribute='alias') | list %}
        {% set place = dict(database=staged.database, schema=staged.schema) %}
        {% for name in table_names(api.Relation.create(identifier='landing', **place))
            if modules.re.match('landing_[a-z0-9_]+__', name) and name not in used %}
            {% do adapter.drop_relation(load_relation(
                api.Relation.create(identifier=name, **place)
            )) %}
        {% endfor %}
        {% do adapter.commit() %}
    {% endif %}
{% endmacro %}
