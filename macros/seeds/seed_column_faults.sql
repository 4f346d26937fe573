{#
  The faults of single cells of all seeds, as a select with one row per fault: seed, row_key, fault,
  remedy (all text). The rules stand beside each column in seeds/_seeds.yml, under `config.meta`:
    key: true            part of the row's key; no two rows may have the same key
    required: true       must be filled
    one_of: [a, b]       must be one of these, where filled
    in_seed: seed.column must stand in that column of that seed (or in `or_one_of`), where filled
    at_least, more_than, at_most: number   bounds, where filled
    pattern: true        must be a sound LIKE pattern that cannot run away, where filled
    lower_case: true     must be lower case, where filled
#}
{% macro seed_column_faults() %}
{%- set checks = [] -%}
{%- for seed in rule_seeds() -%}
    {%- set row_key = seed_row_key(seed) -%}
    {%- for column in seed.columns.values() -%}
        {%- for fault, remedy, condition in column_checks(seed, column) -%}
            {%- do checks.append(
                "select '" ~ seed.name ~ "' as seed, " ~ row_key ~ " as row_key, "
                ~ fault ~ " as fault, '" ~ remedy | replace("'", "''") ~ "' as remedy"
                ~ "\nfrom " ~ seed_relation(seed) ~ "\nwhere " ~ condition
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set keys = seed_key_columns(seed) -%}
    {%- do checks.append(
        "select '" ~ seed.name ~ "' as seed, " ~ row_key ~ " as row_key, "
        ~ "'stands ' || cast(count(*) as " ~ dbt.type_string() ~ ") || ' times' as fault, "
        ~ "'Keep one of the rows.' as remedy\nfrom " ~ seed_relation(seed)
        ~ "\ngroup by " ~ keys | join(', ') ~ "\nhaving count(*) > 1"
    ) -%}
{%- endfor -%}
{%- if checks -%}
{{ checks | join('\nunion all\n') }}
{%- else -%}
select '' as seed, '' as row_key, '' as fault, '' as remedy where false
{%- endif -%}
{% endmacro %}


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


{# The relation of a seed node. #}
{% macro seed_relation(seed) -%}
    {{ api.Relation.create(database=seed.database, schema=seed.schema, identifier=seed.alias) }}
{%- endmacro %}


{# The names of the columns that make the key of a seed. #}
{% macro seed_key_columns(seed) %}
    {% do return(
        seed.columns.values() | selectattr('config.meta.key') | map(attribute='name') | list
    ) %}
{% endmacro %}


{# A text expression that names a row by its key: "scoring_model=decayed, signal=email_open". #}
{% macro seed_row_key(seed) -%}
    {%- for key in seed_key_columns(seed) -%}
        {%- set value = "coalesce(cast(" ~ key ~ " as " ~ dbt.type_string() ~ "), '')" -%}
        {{ "', " if not loop.first else "'" }}{{ key }}=' || {{ value }}
        {{- ' || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#
  The checks of one seed column: a list of (fault as SQL text, remedy, condition under which the
  cell is at fault).
#}
{% macro column_checks(seed, column) %}
    {% set checks = [] %}
    {% set rule = column.config.meta %}
    {% set name = column.name %}
    {% set is_text = 'varchar' in seed.config.column_types[name] %}
    {% set shown = "'" ~ name ~ " is ''' || cast("
        ~ name ~ " as " ~ dbt.type_string() ~ ") || ''''" %}
    {% if rule.get('required') %}
        {% do checks.append(("'" ~ name ~ " is empty'", 'Fill it in.', name ~ ' is null')) %}
    {% endif %}
    {% if is_text %}
        {% do checks.append((
            shown, 'Remove the blanks around it.', name ~ ' <> trim(' ~ name ~ ')'
        )) %}
    {% endif %}
    {% if rule.get('lower_case') %}
        {% do checks.append((shown, 'Write it in lower case.', name ~ ' <> lower(' ~ name ~ ')')) %}
    {% endif %}
    {% if rule.get('one_of') %}
        {% do checks.append((
            shown, 'Use one of: ' ~ rule.one_of | join(', ') ~ '.',
            name ~ " not in ('" ~ rule.one_of | join("', '") ~ "')"
        )) %}
    {% endif %}
    {% if rule.get('in_seed') %}
        {% set other, other_column = rule.in_seed.split('.') %}
        {% set others = rule.get('or_one_of', []) %}
        {% do checks.append((
            shown ~ " || ', which is not in seeds/" ~ other ~ ".csv'",
            'Correct it, or add a row there'
            ~ (' (or use ' ~ others | join(', ') ~ ')' if others else '') ~ '.',
            name ~ ' is not null and ' ~ name ~ ' not in (select ' ~ other_column ~ ' from '
            ~ seed_relation(rule_seeds() | selectattr('name', 'equalto', other) | first) ~ ' where '
            ~ other_column ~ ' is not null)'
            ~ (" and " ~ name ~ " not in ('" ~ others | join("', '") ~ "')" if others else '')
        )) %}
    {% endif %}
    {% for bound, sign, words in [
        ('at_least', '<', 'at least'), ('more_than', '<=', 'more than'), ('at_most', '>', 'at most')
    ] if bound in rule %}
        {% do checks.append((
            shown,
            'Use a number of ' ~ words ~ ' ' ~ rule[bound] ~ '.',
            name ~ ' ' ~ sign ~ ' ' ~ rule[bound]
        )) %}
    {% endfor %}
    {% if rule.get('pattern') %}
        {% do checks.append((
            shown ~ " || ', which is no sound LIKE pattern'",
            'Use % for any text and _ for any one character, no regular expression, '
            ~ 'and something besides them.',
            name ~ " like '%*%' or " ~ name ~ " like '%^%' or " ~ name ~ " like '%$%' or "
            ~ "position(chr(92) in " ~ name ~ ") > 0 "
            ~ "or replace(replace(" ~ name ~ ", '%', ''), '_', '') = ''"
        )) %}
        {% do checks.append((
            shown ~ " || ', which has more than " ~ most_wildcards() ~ " % before its end'",
            'Use fewer, or several rows: with more, one long text could take hours.',
            count_wildcards(name) ~ ' > ' ~ most_wildcards()
        )) %}
    {% endif %}
    {% do return(checks) %}
{% endmacro %}
