{#
  A hash of the columns of a row of one seed, in the order of seeds/_seeds.yml, without texts that
  decide nothing.
#}
{% macro seed_row_hash(seed_name) -%}
    {%- set texts = ['basis', 'comment', 'description', 'message'] -%}
    md5(''
        {%- for seed in rule_seeds() if seed.name == seed_name %}
        {%- for column in seed.columns.keys() if column not in texts %}
        || coalesce(cast({{ column }} as {{ dbt.type_string() }}), '') || '|'
        {%- endfor %}
        {%- endfor %}
    )
{%- endmacro %}


{# The part of a `config_version` that changes only with rules that can move a score. #}
{% macro score_rules(config_version) -%}
    substr({{ config_version }}, 1, 8)
{%- endmacro %}


{# The part of a `config_version` that changes only with those, and with the alert rules. #}
{% macro score_and_alert_rules(config_version) -%}
    substr({{ config_version }}, 1, 12)
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
