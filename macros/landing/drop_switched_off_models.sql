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
        {% set unused = [] %}
        {% for name in table_names(api.Relation.create(identifier='landing', **place))
            if modules.re.match('landing_[a-z0-9_]+__', name) and name not in used %}
            {% do unused.append(load_relation(api.Relation.create(identifier=name, **place))) %}
        {% endfor %}
        {% if unused %}
            {#- opens a transaction, so that there is one to commit -#}
            {% call statement(auto_begin=true) %}select 1{% endcall %}
            {% for relation in unused %}{% do adapter.drop_relation(relation) %}{% endfor %}
            {% do adapter.commit() %}
        {% endif %}
    {% endif %}
{% endmacro %}
