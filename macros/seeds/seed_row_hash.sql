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


{# The seed nodes of this project, sorted by name; empty while dbt only parses. #}
{% macro rule_seeds() %}
    {% if not execute %}{% do return([]) %}{% endif %}
    {% do return(
        graph.nodes.values()
        | selectattr('resource_type', 'equalto', 'seed')
        | selectattr('package_name', 'equalto', 'engagement')
        | sort(attribute='name')
        | list
    ) %}
{% endmacro %}
