{#
  The rows of a raw table, for use after `from`: all columns of its source, and those that landing
  adds. `source_name` is the vendor if the table is a vendor's own. SQL calls them `alias`.
#}
{% macro raw_table(table, source_name='raw', alias='raw_rows') -%}
    {%- set relation = source(source_name, table) -%}
    {%- if has_landing() or not execute -%}
    {{ relation }}
    {%- else -%}
    {{ own_table(relation, source_tables(source_name) | selectattr('name', 'equalto', table) | first) }}
    {%- endif %} as {{ alias }}
{%- endmacro %}


{#
  All rows of a table of the landing contract, for use after `from`: the user's own, and those of the
  vendors that are switched on. If landing doesn't fill the raw tables, it is a copy that is made once
  per build. So a load during the build changes nothing, and texts are read once.
#}
{% macro contract_rows(contract_table) -%}
    {%- if has_landing() -%}
    {{ loaded_rows(contract_table) }}
    {%- else -%}
    {{ ref('landing__' ~ contract_table) }} as contract_rows
    {%- endif -%}
{%- endmacro %}


{#
  The same rows, read where they were loaded. A vendor's event without an id gets a hash of its other
  values, so the same row in two loads is one event. Landing does that for your own rows.
#}
{% macro loaded_rows(contract_table) -%}
    {%- set columns = raw_columns(contract_table) + landing_columns().keys() | list -%}
    (
        select {{ columns | join(', ') }} from {{ raw_table(contract_table, 'raw', 'own_rows') }}
        {%- for model in vendor_models(contract_table) %}
        {%- set vendor = model.split('__')[0] | replace('landing_', '') %}
        {%- set table = raw_tables() | selectattr('name', 'equalto', contract_table) | first %}
        {%- set values = raw_columns(contract_table) | reject('in', [table.key, 'loaded_at']) | list %}
        union all
        select
            {%- for column in columns %}
            {%- if table.is_event and column == table.key %}
            coalesce(
                {{ column }}, '{{ vendor }} row-' || {{ dbt.hash(key_text(values)) }}
            ) as {{ column }}
            {%- else %}
            {{ column }}
            {%- endif %}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ ref(model) }}
        {%- endfor %}
    ) as contract_rows
{%- endmacro %}


{#
  The select list of a vendor's model: all columns of a table of the landing contract and those that
  landing adds, in their types. `given` is {column: SQL}. A column that isn't given is null, or
  landing's own column in `alias`, the vendor's table of the row. A null load time also gets
  landing's.

  The row id depends on everything given. So several rows made from one vendor row have different ids.
  The id also changes if a value changes that is looked up elsewhere, such as an address.
#}
{% macro contract_columns(contract_table, given, alias) -%}
    {%- set types = {} -%}
    {%- for table in landing_contract() if table.name == contract_table -%}
        {%- for column in table.columns.values() -%}
            {%- do types.update({column.name: column.data_type}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for column in given if execute and column not in types and column not in landing_columns() -%}
        {%- do exceptions.raise_compiler_error(
            contract_table ~ ' has no column ' ~ column ~ '. Its columns are '
            ~ types.keys() | join(', ') ~ '.'
        ) -%}
    {%- endfor -%}
    {%- for column, data_type in types.items() -%}
        {%- set value = given.get(column, 'null') if column != 'loaded_at' else settled_load_time(
            given.get(column, 'null') ~ ', ' ~ alias ~ '.first_seen_at',
            given.get('occurred_at') or given.get('created_at')
        ) %}
        cast({{ value }} as {{ contract_type(data_type) }}) as {{ column }},
    {%- endfor -%}
    {%- set row_id = row_hash([alias ~ '.row_id'] + given.values() | list) -%}
    {%- for column, data_type in landing_columns().items() %}
        {%- set own = row_id if column == 'row_id' else alias ~ '.' ~ column %}
        cast({{ given.get(column, own) }} as {{ contract_type(data_type) }})
            as {{ column }}{{ ',' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{# The columns that landing adds to every raw table and that models read, as {column: data type}. #}
{% macro landing_columns() %}
    {% do return({
        'row_id': 'integer', 'first_seen_at': 'timestamp', 'unreadable_values': 'integer',
        'landing_fault': 'text', 'landing_row': 'text',
    }) %}
{% endmacro %}


{# The SQL type of a data type of the landing contract. #}
{% macro contract_type(data_type) %}
    {% do return({
        'text': dbt.type_string(), 'timestamp': dbt.type_timestamp(), 'integer': dbt.type_bigint(),
        'number': type_double(), 'boolean': dbt.type_boolean(),
    }[data_type]) %}
{% endmacro %}
