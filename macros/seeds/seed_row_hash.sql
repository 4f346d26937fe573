{# A hash of all columns of a row of one seed, including comments, in the order of seeds/_seeds.yml. #}
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
  The seed nodes of the rules, sorted by name. Empty while dbt parses. A project that uses this one as
  a package can replace some of them.
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
