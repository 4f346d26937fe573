{#
  Runs before anything else: makes the raw tables readable under the schema of var `raw_schema`, or
  ends the build with one message that names every table and column that breaks the landing
  contract.
#}
{% macro register_raw_tables() %}
    {% if execute %}
        {{ adapter.dispatch('register_raw_tables', 'engagement')() }}
    {% endif %}
{% endmacro %}


{# Engines whose raw tables are tables already: only look at their columns. #}
{% macro default__register_raw_tables() %}
    {% set faults = [] %}
    {% for table in landing_contract() %}
        {% set relation = adapter.get_relation(table.database, table.schema, table.name) %}
        {% if relation %}
            {% set found = adapter.get_columns_in_relation(relation)
                | map(attribute='name') | map('lower') | list %}
            {% do faults.extend(
                column_faults_of_raw_table(table, table.schema ~ '.' ~ table.name, found)
            ) %}
        {% else %}
            {% do faults.append(missing_raw_table_fault(table, 'schema ' ~ table.schema)) %}
        {% endif %}
    {% endfor %}
    {% do raise_landing_faults(faults, 'schema ' ~ var('raw_schema')) %}
    {% do store_unreadable_lines([]) %}
{% endmacro %}


{#
  DuckDB: one view per raw table over the files below env var RAW_DATA, an empty view for a missing
  optional table.
#}
{% macro duckdb__register_raw_tables() %}
    {% set folder = env_var('RAW_DATA', 'sample/data').rstrip('/') %}
    {% set faults = [] %}
    {% set views = [] %}
    {% set found_files = [] %}
    {% set unreadable = [] %}
    {% for table in landing_contract() %}
        {% set files = raw_files(folder, table.name) %}
        {% do found_files.extend(files) %}
        {% if files | length == 0 and table.config.meta.get('optional') %}
            {% do log(table.name ~ ': not found in ' ~ folder ~ ', taken as empty', info=true) %}
            {% do views.append((table, empty_raw_table(table))) %}
        {% elif files | length == 0 %}
            {% do faults.append(missing_raw_table_fault(table, folder)) %}
        {% elif files | map(attribute='place') | unique | list | length > 1 %}
            {% do faults.append(
                table.name ~ ': found more than once ('
                ~ files | map(attribute='file') | join(', ') ~ '). '
                ~ 'Expected one of them; remove or rename the others.'
            ) %}
        {% else %}
            {% set selects = [] %}
            {% for file in files %}
                {% set types = raw_file_types(file) %}
                {% set found = types | map(attribute=0) | list %}
                {% set file_faults = column_faults_of_raw_table(table, file.file, found) %}
                {% do faults.extend(file_faults) %}
                {% if file.format == 'csv' and not file_faults %}
                    {% do file.update(
                        has_mixed_line_ends=has_mixed_line_ends(table, file, found, faults)
                    ) %}
                {% endif %}
                {% set lines = find_unreadable_lines(table, file, found, faults)
                    if file.format == 'csv' and not file_faults %}
                {% do unreadable.append(lines) %}
                {% do selects.append(raw_file_select(table, file, types, lines)) %}
            {% endfor %}
            {% do views.append((table, selects | join('\nunion all\n'))) %}
        {% endif %}
    {% endfor %}
    {% do faults.extend(unknown_raw_file_faults(folder)) %}
    {% if found_files | length == 0 %}
        {% set faults = [
            'no raw table was found. Does the folder exist, and is it the right one? Expected the tables '
            ~ landing_contract() | map(attribute='name') | join(', ') ~ '.'
        ] %}
    {% endif %}
    {% do raise_landing_faults(faults, folder) %}

    {% do store_unreadable_lines(unreadable | select | list) %}
    {% do run_query('create schema if not exists ' ~ var('raw_schema')) %}
    {% for table, select in views %}
        {% do run_query(
            'create or replace view ' ~ var('raw_schema') ~ '.' ~ table.name ~ ' as\n'
            ~ without_forgotten_people(table, select)
        ) %}
    {% endfor %}
{% endmacro %}


{#
  The source tables of the landing contract, in the order of the YAML; empty while dbt only parses.
#}
{% macro landing_contract() %}
    {% if not execute %}{% do return([]) %}{% endif %}
    {% do return(
        graph.sources.values()
        | selectattr('source_name', 'equalto', 'raw')
        | selectattr('package_name', 'equalto', 'engagement')
        | list
    ) %}
{% endmacro %}


{#
  A sentence for a required table that is not there; nothing is wrong with a missing optional one.
#}
{% macro missing_raw_table_fault(table, place) %}
    {% do return(
        table.name ~ ': required, but not found. Expected ' ~ place ~ '/' ~ table.name
        ~ '.csv, .parquet or a folder ' ~ table.name ~ '/ of such files, with the columns '
        ~ table.columns.keys() | join(', ') ~ '.'
    ) if not table.config.meta.get('optional') else none %}
{% endmacro %}


{# One sentence per data file directly in the folder that is no raw table: most likely a misspelt one. #}
{% macro unknown_raw_file_faults(folder) %}
    {% set faults = [] %}
    {% set names = landing_contract() | map(attribute='name') | list %}
    {% set path = folder | replace("'", "''") %}
    {% for ending in ('.csv', '.parquet') %}
        {% for row in run_query("select file from glob('" ~ path ~ '/*' ~ ending ~ "') order by file") %}
            {% set name = row[0].split('/')[-1][:-(ending | length)] %}
            {% if name not in names %}
                {% do faults.append(
                    name ~ ': ' ~ row[0] ~ ' is no raw table. Rename or move it. Expected the tables '
                    ~ names | join(', ') ~ '.'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}


{# One sentence per column that is missing from, or not expected in, one file or table. #}
{% macro column_faults_of_raw_table(table, place, found) %}
    {% set faults = [] %}
    {% set expected = table.columns.keys() | list %}
    {% if found | length == 0 %}
        {% do faults.append(
            table.name ~ ': ' ~ place ~ ' is empty. Expected a header with the columns '
            ~ expected | join(', ') ~ '.'
        ) %}
        {% do return(faults) %}
    {% endif %}
    {% for column in expected if column not in found %}
        {% do faults.append(
            table.name ~ ': column ' ~ column ~ ' (' ~ table.columns[column].data_type
            ~ ') is missing from ' ~ place ~ '. Expected the columns ' ~ expected | join(', ') ~ '.'
        ) %}
    {% endfor %}
    {% for column in found if column not in expected %}
        {% do faults.append(
            table.name ~ ': column ' ~ column ~ ' of ' ~ place ~ ' is not in the landing contract. '
            ~ 'Remove or rename it. Expected the columns ' ~ expected | join(', ') ~ '.'
        ) %}
    {% endfor %}
    {% for column in found | unique if found | select('equalto', column) | list | length > 1 %}
        {% do faults.append(
            table.name ~ ': column ' ~ column ~ ' stands more than once in ' ~ place
            ~ '. Expected it once.'
        ) %}
    {% endfor %}
    {% do return(faults) %}
{% endmacro %}


{# Ends the run if there is any fault. #}
{% macro raise_landing_faults(faults, place) %}
    {% set faults = faults | select | list %}
    {% if faults %}
        {% do exceptions.raise_compiler_error(
            'The raw data in ' ~ place ~ ' does not keep the landing contract; nothing was built.'
            ~ '\n  - ' ~ faults | join('\n  - ')
            ~ '\n  The contract is models/staging/_raw__sources.yml; '
            ~ 'env var RAW_DATA says where the files are.'
        ) %}
    {% endif %}
{% endmacro %}


{#
  The files of one raw table: dicts of file, format (csv or parquet) and place (which spelling found
  it).
#}
{% macro raw_files(folder, table_name) %}
    {% set files = [] %}
    {% set stem = (folder ~ '/' ~ table_name) | replace("'", "''") %}
    {% for place, format in [
        ('.csv', 'csv'), ('.parquet', 'parquet'), ('/*.csv', 'csv'), ('/*.parquet', 'parquet')
    ] %}
        {% for row in run_query("select file from glob('" ~ stem ~ place ~ "') order by file") %}
            {% do files.append({'file': row[0], 'format': format, 'place': place}) %}
        {% endfor %}
    {% endfor %}
    {% do return(files) %}
{% endmacro %}


{#
  The columns of one file as (name in lower case, type) in the file's order; none for a file without
  a header. CSV is text.
#}
{% macro raw_file_types(file) %}
    {% set path = file.file | replace("'", "''") %}
    {% set columns = [] %}
    {% if file.format == 'parquet' %}
        {% for row in run_query("describe select * from read_parquet('" ~ path ~ "')") %}
            {% do columns.append((row[0] | lower, row[1])) %}
        {% endfor %}
    {% else %}
        {# The header as one line of text: the file's own words, before any dialect is guessed. #}
        {% for row in run_query(
            "select line from read_csv('" ~ path ~ "', header = false, auto_detect = false, "
            ~ "columns = {'line': 'varchar'}, delim = '\x01', quote = '', escape = '', "
            ~ 'ignore_errors = true' ~ mixed_line_ends() ~ ') limit 1'
        ) %}
            {% for name in (row[0] or '').split(',') %}
                {% do columns.append((name.strip().strip('"') | lower, 'VARCHAR')) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {% do return(columns) %}
{% endmacro %}


{#
  A select of the contract's columns from one file, without its unreadable lines. Files of a folder
  may differ in types: a column that could not be put beside one of the contract's type is text.
#}
{% macro raw_file_select(table, file, types, unreadable_lines) %}
    {% if file.format == 'csv' %}
        {% set found = types | map(attribute=0) | list %}
        {% set select = 'select ' ~ table.columns.keys() | join(', ') ~ ' from ' %}
        {% set options = mixed_line_ends() if file.has_mixed_line_ends else '' %}
        {% do return(select ~ csv_reader(file, found, options)) if not unreadable_lines %}
        {# text that is not asked for is not looked at, and its line would be counted #}
        {% do return(
            select ~ csv_reader(file, found, options ~ ', ignore_errors = true')
            ~ ' where length(concat(' ~ found | join(', ') ~ ')) >= 0'
        ) %}
    {% endif %}
    {% set number = '(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL[(].*[)])$' %}
    {% set fitting_types = {
        'text': 'VARCHAR$', 'timestamp': '(VARCHAR|DATE|TIMESTAMP[^[]*)$',
        'boolean': 'VARCHAR$|BOOLEAN$|' ~ number, 'integer': 'VARCHAR$|' ~ number,
        'number': 'VARCHAR$|' ~ number,
    } %}
    {% set columns = [] %}
    {% for name, type in types if name in table.columns %}
        {% do columns.append(
            name if modules.re.match(fitting_types[table.columns[name].data_type], type)
            else 'cast(' ~ name ~ ' as varchar) as ' ~ name
        ) %}
    {% endfor %}
    {% do return(
        'select ' ~ table.columns.keys() | join(', ') ~ ' from (select ' ~ columns | join(', ')
        ~ " from read_parquet('" ~ file.file | replace("'", "''") ~ "'))"
    ) %}
{% endmacro %}


{# The reader of one CSV file, every column as text; `options` begin with a comma. #}
{% macro csv_reader(file, found, options='') %}
    {% set types = [] %}
    {% for column in found %}
        {% do types.append("'" ~ column | replace("'", "''") ~ "': 'varchar'") %}
    {% endfor %}
    {% do return(
        "read_csv('" ~ file.file | replace("'", "''") ~ "', header = true, auto_detect = false, "
        ~ "delim = ',', quote = '\"', escape = '\"', columns = {" ~ types | join(', ') ~ "}"
        ~ options ~ ')'
    ) %}
{% endmacro %}


{# A select with the contract's columns and no row. #}
{% macro empty_raw_table(table) %}
    {% set columns = [] %}
    {% for column in table.columns.keys() %}
        {% do columns.append('cast(null as ' ~ dbt.type_string() ~ ') as ' ~ column) %}
    {% endfor %}
    {% do return('select ' ~ columns | join(', ') ~ ' where false') %}
{% endmacro %}
