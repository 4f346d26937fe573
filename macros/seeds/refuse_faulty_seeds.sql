{#
  Ends the model that calls it, and so all that builds on it, if the seeds were never loaded or have
  other columns than seeds/_seeds.yml.
#}
{% macro refuse_seed_columns() %}
    {% set faults = [] %}
    {% for seed in rule_seeds() if flags.WHICH in ('run', 'build') %}
        {% set expected = seed.columns.keys() | list %}
        {% set found = adapter.get_columns_in_relation(
            api.Relation.create(database=seed.database, schema=seed.schema, identifier=seed.alias)
        ) | map(attribute='name') | map('lower') | list %}
        {% if not found %}
            {% do faults.append(
                'seeds/' ~ seed.name ~ '.csv was not loaded. Run `dbt seed`, or all of it with `dbt build`.'
            ) %}
        {% endif %}
        {% for column in expected if found and column not in found %}
            {% do faults.append(
                'seeds/' ~ seed.name ~ '.csv: column ' ~ column
                ~ ' is missing. Add it to the header; it may be empty.'
            ) %}
        {% endfor %}
        {% for column in found if column not in expected %}
            {% do faults.append(
                'seeds/' ~ seed.name ~ '.csv: column ' ~ column
                ~ ' is unknown. Remove or rename it.'
            ) %}
        {% endfor %}
    {% endfor %}
    {% do raise_seed_faults(faults) %}
{% endmacro %}


{# Ends the model that calls it, and so all that builds on it, if `int_seed_faults` has any row. #}
{% macro refuse_faulty_seeds(seed_faults) %}
    {% set faults = [] %}
    {% if execute and flags.WHICH in ('run', 'build') %}
        {% for row in run_query(
            'select seed, row_key, fault, remedy from ' ~ seed_faults
            ~ ' order by seed, row_key, fault'
        ) %}
            {% do faults.append(
                'seeds/' ~ row[0] ~ '.csv, row ' ~ row[1] ~ ': ' ~ row[2] ~ '. ' ~ row[3]
            ) %}
        {% endfor %}
    {% endif %}
    {% do raise_seed_faults(faults) %}
{% endmacro %}


{# Raises one error with a line per fault; does nothing without any. #}
{% macro raise_seed_faults(faults) %}
    {% if faults %}
        {% do exceptions.raise_compiler_error(
            'The seeds are refused; no score was rebuilt.\n  - ' ~ faults | join('\n  - ')
        ) %}
    {% endif %}
{% endmacro %}


{#
  The outcomes of the landing contract, as a select with one row per channel and outcome.
#}
{% macro known_outcomes() %}
{%- set rows = [] -%}
{%- for table in landing_contract() -%}
    {%- for outcome in table.config.meta.get('outcomes', []) -%}
        {%- do rows.append(
            "select '" ~ table.config.meta.channel ~ "' as channel, '" ~ outcome ~ "' as outcome"
        ) -%}
    {%- endfor -%}
{%- endfor -%}
{{ rows | join('\nunion all\n') if rows else "select '' as channel, '' as outcome" }}
{% endmacro %}


{#
  The words that `event_words` can translate to, as a select with one row per source_table, column_name
  and word (null: any word).
#}
{% macro known_words() %}
{%- set rows = [] -%}
{%- for table in landing_contract() if table.config.meta.get('channel') -%}
    {%- set types = table.config.meta.get('event_types') -%}
    {%- for column, words in [
        ('event_type', types + ['ignored'] if types else [none]),
        ('activity_type', [none]),
        ('outcome', table.config.meta.get('outcomes', [])),
    ] if column in table.columns -%}
        {%- for word in words -%}
            {%- do rows.append(
                "select '" ~ table.name ~ "' as source_table, '" ~ column ~ "' as column_name, "
                ~ ("'" ~ word ~ "'" if word else null_text()) ~ " as word"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endfor -%}
{{ rows | join('\nunion all\n')
    if rows else "select '' as source_table, '' as column_name, '' as word" }}
{% endmacro %}


{#
  The events the landing contract can bring, as a select with one row per channel and event type:
  channel, event_type (null: any name) and which match columns of `signals` such an event has a
  value for (has_page_category ...).
#}
{% macro known_event_types() %}
{%- set rows = [] -%}
{%- for table in landing_contract() if table.config.meta.get('channel') -%}
    {%- for event_type in table.config.meta.get('event_types', [none]) -%}
        {%- set row -%}
        select
            '{{ table.config.meta.channel }}' as channel,
            {{ "'" ~ event_type ~ "'" if event_type else null_text() }} as event_type
            {%- for match_column in (
                'page_category', 'asset_pattern', 'outcome', 'persona', 'min_value'
            ) %},
            {{ 'true' if match_column in table.config.meta.match_columns else 'false' }}
                as has_{{ match_column }}
            {%- endfor %}
        {%- endset -%}
        {%- do rows.append(row) -%}
    {%- endfor -%}
{%- endfor -%}
{{ rows | join('\nunion all\n') if rows else "select '' as channel, '' as event_type" }}
{% endmacro %}
