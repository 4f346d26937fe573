{#
  True if landing fills the raw tables from files. It does if the engine can read files and this
  project is run by itself. Otherwise the raw tables are those of the user's own database.
#}
{% macro has_landing() %}
    {% do return(reads_files() and not is_package()) %}
{% endmacro %}


{# True if this project is installed as a package in another project, which dbt then runs. #}
{% macro is_package() %}
    {% do return(project_name != 'engagement') %}
{% endmacro %}


{#
  The rows of a table in the user's own database, for use after `from`, as landing would load them. A
  missing table is empty, a missing column is null, and values are cast. `table` is the node of its
  source, `relation` its place in the database.
#}
{% macro own_table(relation, table) -%}
    {%- set found = own_columns(relation, table) -%}
    {%- set names = table.columns.keys() | list -%}
    {%- set of_contract = table.source_name == 'raw' -%}
    {%- set texts, times, others = [], [], [] -%}
    {%- for column in table.columns.values() -%}
        {%- do {'text': texts, 'timestamp': times}.get(column.data_type, others).append(column.name) -%}
    {%- endfor -%}
    {#- an unreadable time rejects a row of the landing contract; vendor models check their own -#}
    {%- set counted = others if of_contract else others + times -%}
    (
        select
            {%- for column in table.columns.values() %}
            {%- if of_contract and column.name == 'loaded_at' %}
            {{ settled_load_time('loaded_at', 'occurred_at' if 'occurred_at' in names
                else 'created_at' if 'created_at' in names else none) }} as loaded_at,
            {%- elif table.config.meta.channel and column.config.meta.get('key') %}
            coalesce({{ column.name }}, 'row-' || {{ dbt.hash(key_text(
                names | reject('in', [column.name, 'loaded_at']) | list
            )) }}) as {{ column.name }},
            {%- else %}
            {{ column.name }},
            {%- endif %}
            {%- endfor %}
            row_id,
            cast(null as {{ dbt.type_timestamp() }}) as first_seen_at,
            unreadable_values,
            landing_fault,
            case
                when {{ any_missing(table) ~ "landing_fault is not null" if of_contract else any_unreadable(times) }}
                    then {{ row_as_json(names, 'raw_') }}
            end as landing_row
        from (
            select
                *,
                -- identical rows differ by their number
                {{ row_hash([
                    "'" ~ table.source_name ~ '.' ~ table.name ~ "'", 'content_hash',
                    'row_number() over (partition by content_hash order by content_hash)',
                ]) }} as row_id,
                {%- for name in counted %}
                case when {{ is_unreadable(name) }} then 1 else 0 end +
                {%- endfor %} 0 as unreadable_values,
                {%- if of_contract %}
                case
                    {%- for name in times %}
                    when {{ is_unreadable(name) }}
                        then '{{ name }} is not a time of the years 1900 to 2200'
                    {%- endfor %}
                end as landing_fault
                {%- else %}
                {{ null_text() }} as landing_fault
                {%- endif %}
            from (
                select
                    {%- for column in table.columns.values() %}
                    {{ typed_value('raw_' ~ column.name, found.types[column.name], column.data_type) }}
                        as {{ column.name }},
                    {%- endfor %}
                    *,
                    {{ row_hash(found.present) }} as content_hash
                from (
                    select
                        {%- for name in names %}
                        {{ found.columns[name] }} as raw_{{ name }}{{ ',' if not loop.last }}
                        {%- endfor %}
                    {{ found.source }}
                ) as found_rows
            ) as typed_rows
        ) as judged_rows
    )
{%- endmacro %}


{# True if the value of a column of `own_table` couldn't be read. #}
{% macro is_unreadable(name) -%}
    {{ name }} is null and {{ trimmed('raw_' ~ name) }} is not null
{%- endmacro %}


{# True if the value of any of these columns couldn't be read. #}
{% macro any_unreadable(names) -%}
    {%- for name in names -%} ({{ is_unreadable(name) }}) or {% endfor -%} 1 = 0
{%- endmacro %}


{# Whether a row of a table of the landing contract lacks a value that it needs; an event without a key gets one. #}
{% macro any_missing(table) -%}
    {%- for name in needed_columns(table.name)
        if name == 'occurred_at' or not table.config.meta.channel -%}
        {{ name }} is null or {% endfor -%}
{%- endmacro %}


{#
  The columns of a table in the user's own database, by its catalogue; no other macro looks into it.
  `columns` is {column: SQL} and `types` is {column: type of the engine}. `present` lists the columns
  of `own_table` that exist, and `source` is what they are selected from. Names are compared in one
  spelling.
#}
{% macro own_columns(relation, table) %}
    {% set there, by_name = [], {} %}
    {% for name in table_names(relation) if squeezed(name) in spellings(table, table.identifier) %}
        {% do there.append(api.Relation.create(
            database=relation.database, schema=relation.schema, identifier=name
        )) %}
    {% endfor %}
    {% if there %}
        {% for column in adapter.get_columns_in_relation(there[0]) %}
            {% do by_name.update({squeezed(column.name): column}) %}
        {% endfor %}
        {% if not by_name and flags.WHICH in ('run', 'build') %}
            {% do exceptions.raise_compiler_error(
                there[0] ~ ' exists, but this user sees none of its columns. Grant usage on its schema and '
                ~ 'select on the table. If it is a materialized view, make a view of it.'
            ) %}
        {% endif %}
    {% endif %}
    {% set columns, types, present, missing = {}, {}, [], [] %}
    {% for column in table.columns.values() %}
        {% set found = spellings(column, column.name) | select('in', by_name) | list %}
        {% if found %}
            {% do columns.update({column.name: adapter.quote(by_name[found[0]].name)}) %}
            {% do types.update({column.name: by_name[found[0]].dtype}) %}
            {% do present.append('raw_' ~ column.name) %}
        {% else %}
            {% do columns.update({column.name: null_text()}) %}
            {% do types.update({column.name: dbt.type_string()}) %}
            {% if column.config.meta.get('required') %}{% do missing.append(column.name) %}{% endif %}
        {% endif %}
    {% endfor %}
    {% set is_optional = table.config.meta.get('optional') or table.source_name != 'raw' or var('crm') %}
    {% if missing and (there or not is_optional) and flags.WHICH in ('run', 'build') %}
        {% do exceptions.raise_compiler_error(
            relation ~ (' lacks ' if there else ' does not exist. It needs the columns ') ~ missing | join(', ')
            ~ '. Var raw_schema names the schema of the raw tables.'
        ) %}
    {% endif %}
    {% do return({
        'columns': columns, 'types': types, 'present': present or ["''"],
        'source': 'from ' ~ there[0] if there else 'where 1 = 0',
    }) %}
{% endmacro %}


{# The names of a table or column in one spelling: `name`, and the names in its `meta.also`. #}
{% macro spellings(node, name) %}
    {% set names = [] %}
    {% for spelled in [name] + node.config.meta.get('also', []) %}
        {% do names.append(squeezed(spelled)) %}
    {% endfor %}
    {% do return(names) %}
{% endmacro %}


{#
  A name without case, spaces, hyphens and underscores: BillingCountry is the same as billing_country.
#}
{% macro squeezed(name) %}
    {% do return(modules.re.sub('[\\W_]', '', name | lower)) %}
{% endmacro %}


{#
  When a row was loaded. If it gives no load time, when it happened. If it gives neither, a time
  before all others, so that a table without times is read the same in every build.
#}
{% macro settled_load_time(loaded_at, happened_at=none) -%}
    coalesce({{ loaded_at }}, {{ happened_at ~ ', ' if happened_at }}
        cast('1970-01-01 00:00:00' as {{ dbt.type_timestamp() }}))
{%- endmacro %}
