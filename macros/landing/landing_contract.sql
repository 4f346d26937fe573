{# The source tables of the landing contract, in the order of the YAML. Empty while dbt parses. #}
{% macro landing_contract() %}
    {% do return(source_tables('raw')) %}
{% endmacro %}


{# The tables of a source of this project. Empty while dbt parses. #}
{% macro source_tables(source_name) %}
    {% if not execute %}{% do return([]) %}{% endif %}
    {% do return(
        graph.sources.values()
        | selectattr('source_name', 'equalto', source_name)
        | selectattr('package_name', 'equalto', 'engagement')
        | list
    ) %}
{% endmacro %}


{#
  The column names of one raw table, in the order of the YAML. `source_name` is the vendor if the
  table is a vendor's own.
#}
{% macro raw_columns(table_name, source_name='raw') %}
    {% set tables = source_tables(source_name) | selectattr('name', 'equalto', table_name) | list %}
    {% do return(tables[0].columns.keys() | list if tables else []) %}
{% endmacro %}


{# The columns a row of a raw table needs to be usable: its key, and the time of an event. #}
{% macro needed_columns(table_name) %}
    {% set needed = [] %}
    {% for table in landing_contract() if table.name == table_name %}
        {% for column in table.columns.values()
            if column.config.meta.get('key') or column.name == 'occurred_at' %}
            {% do needed.append(column.name) %}
        {% endfor %}
    {% endfor %}
    {% do return(needed) %}
{% endmacro %}


{# The columns of a raw table that have a scale, as {column: {lowest, highest}}, both included. #}
{% macro scaled_columns(table_name) %}
    {% set scales = {} %}
    {% for table in landing_contract() if table.name == table_name %}
        {% for column in table.columns.values() if 'highest' in column.config.meta %}
            {% do scales.update({column.name: column.config.meta}) %}
        {% endfor %}
    {% endfor %}
    {% do return(scales) %}
{% endmacro %}


{#
  The raw tables as a list of dicts. `key` is the SQL of a record's key. `record` is the same, with
  the event type if that is part of it. `key_name` is its columns in words. `happened_at` is the
  column with the time it happened, `used` the model with the rows that are used. `is_event` is false
  for CRM tables that describe the current state.
#}
{% macro raw_tables() %}
    {% set tables = [] %}
    {% for name, key, happened_at, used in [
        ('crm_accounts', 'account_id', 'created_at', 'stg_crm__accounts'),
        ('account_domains', "account_id || ' ' || domain", 'loaded_at', 'stg_crm__account_domains'),
        ('crm_contacts', 'contact_id', 'created_at', 'stg_crm__contacts'),
        ('crm_opportunities', 'opportunity_id', 'created_at', 'stg_crm__opportunities'),
        ('crm_activities', 'activity_id', 'occurred_at', 'int_events'),
        ('email_events', 'event_id', 'occurred_at', 'int_events'),
        ('web_events', 'event_id', 'occurred_at', 'int_events'),
        ('content_events', 'event_id', 'occurred_at', 'int_events'),
        ('linkedin_events', 'event_id', 'occurred_at', 'int_events'),
        ('ad_events', 'event_id', 'occurred_at', 'int_events'),
        ('intent_events', 'event_id', 'occurred_at', 'int_events'),
        ('product_events', 'event_id', 'occurred_at', 'int_events'),
    ] %}
        {% set record = key if key != 'event_id' or 'event_type' not in raw_columns(name)
            else event_key() %}
        {% do tables.append({
            'name': name, 'key': key, 'record': record,
            'key_name': (key if record == key else "event_id || ' ' || event_type")
                | replace(" || ' ' || ", ' and '),
            'happened_at': happened_at, 'used': used, 'is_event': used == 'int_events',
        }) %}
    {% endfor %}
    {% do return(tables) %}
{% endmacro %}
