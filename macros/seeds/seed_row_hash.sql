{#
  A hash of all columns of a row of one seed, in the order of seeds/_seeds.yml; a comment counts
  like any column.
#}
{% macro seed_row_hash(seed_name) -%}
    md5(''
        {%- for seed in rule_seeds() if seed.name == seed_name %}
        {%- for column in seed.columns.keys() %}
        || coalesce(cast({{ column }} as {{ dbt.type_string() }}), '') || '|'
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}


{#
  The seed nodes of the rules, sorted by name; empty while dbt only parses. A project that has this one
  as a package may have some of its own in their place.
#}
{% macro rule_seeds() %}
    {% if not execute %}{% do return([]) %}{% endif %}
    {% do return(
        graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'seed')
        | selectattr('unique_id', 'in', graph.nodes['model.engagement.int_config_version'].depends_on.nodes)
        | sort(attribute='name')
        | list
    ) %}
{% endmacro %}
