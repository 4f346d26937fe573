{# The CSV with the keyed hashes of all identifiers of people who were forgotten, by env var. #}
{% macro forgotten_people_file() %}
    {% do return(env_var('FORGOTTEN_PEOPLE', 'data/forgotten_people.csv')) %}
{% endmacro %}


{# That CSV as something to select from: identifier_hash, forgotten_on, key_hash. #}
{% macro forgotten_people() %}
    {% do return(
        "read_csv('" ~ forgotten_people_file() | replace("'", "''") ~ "', header = true, "
        ~ "auto_detect = false, delim = ',', quote = '\"', escape = '\"', columns = "
        ~ "{'identifier_hash': 'varchar', 'forgotten_on': 'varchar', 'key_hash': 'varchar'})"
    ) %}
{% endmacro %}


{#
  True if anybody was forgotten: the CSV has a row. Ends the run if env var FORGOTTEN_PEOPLE names a
  file that is not there, as those people would come back.
#}
{% macro forgets_people() %}
    {% if target.type != 'duckdb' %}{% do return(false) %}{% endif %}
    {% set file = forgotten_people_file() | replace("'", "''") %}
    {% set is_there = run_query("select count(*) from glob('" ~ file ~ "')")[0][0] > 0 %}
    {% if env_var('FORGOTTEN_PEOPLE', '') and not is_there %}
        {% do exceptions.raise_compiler_error(
            'Env var FORGOTTEN_PEOPLE names ' ~ env_var('FORGOTTEN_PEOPLE')
            ~ ', which is not there; nothing was built, as forgotten people would come back. '
            ~ 'Restore the file. If nobody was forgotten yet, make it '
            ~ 'with the one line: identifier_hash,forgotten_on,key_hash'
        ) %}
    {% endif %}
    {% do return(
        is_there and run_query('select count(*) from ' ~ forgotten_people())[0][0] > 0
    ) %}
{% endmacro %}


{#
  A select of the rows of a raw table without those of forgotten people: rows with an address, a
  contact id or a visitor id whose hash is on the list.
#}
{% macro without_forgotten_people(table, select) %}
    {% if not forgets_people() %}{% do return(select) %}{% endif %}
    {% set conditions = [] %}
    {% for column in table.columns.values()
        if column.config.meta.personal in ('email', 'contact_id', 'visitor_id') %}
        {# ids of some CRMs differ by case alone #}
        {% set value = 'trim(cast(' ~ column.name ~ ' as varchar))' %}
        {% if column.config.meta.personal == 'email' %}
            {% set value = 'lower(' ~ value ~ ')' %}
        {% endif %}
        {# a person has many rows, and a hash takes longer than a comparison #}
        {% do conditions.append(
            'coalesce(' ~ value ~ ' not in (\n    select identifier from (select distinct ' ~ value
            ~ ' as identifier from (\n' ~ select ~ '\n))\n    where '
            ~ keyed_hash('identifier', 'forget')
            ~ ' in (select identifier_hash from ' ~ forgotten_people() ~ ')\n), true)'
        ) %}
    {% endfor %}
    {% if not conditions %}{% do return(select) %}{% endif %}
    {% do return(
        'select * from (\n' ~ select ~ '\n) as landed\nwhere ' ~ conditions | join('\n    and ')
    ) %}
{% endmacro %}
