{#
  An empty table with the columns of seeds/_seeds.yml, in their order. Those without a name, which
  spreadsheet programs leave in a file, are none of them. Called by dbt.
#}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {% set columns = [] %}
    {% for name, type in model.config.column_types.items() %}
        {% do columns.append(adapter.quote(name) ~ ' ' ~ type) %}
    {% endfor %}
    {% set sql = 'create table ' ~ this ~ ' (' ~ columns | join(', ') ~ ')' %}
    {% call statement('_') %}{{ sql }}{% endcall %}
    {% do return(sql) %}
{% endmacro %}


{#
  Reads the CSV of a seed, without its empty rows, and guesses nothing about it: otherwise one row with
  a stray quote would change how quotes are taken in all others. Called by dbt after the macro above.
#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set file = adapter.get_seed_file_path(model) | replace("'", "''") %}
    {#
      Some lines end with CRLF and others with LF, as after an edit on another system. Read as CRLF;
      read as LF, each CR would be an empty row of a seed with one column.
    #}
    {% set crlf = 'chr(13) || chr(10)' %}
    {% set is_mixed = run_query(
        'select contains(content, ' ~ crlf ~ ') and contains(replace(content, ' ~ crlf
        ~ ", ''), chr(10)) from read_text('" ~ file ~ "')"
    )[0][0] %}
    {% set types = [] %}
    {% set names = [] %}
    {% for name in agate_table.column_names | map('lower') %}
        {% do types.append("'" ~ name | replace("'", "''") ~ "': 'varchar'") %}
        {% do names.append(adapter.quote(name)) if name in model.config.column_types %}
    {% endfor %}
    {% set names = names | join(', ') %}
    {% set sql = 'insert into ' ~ this ~ ' (' ~ names ~ ') select ' ~ names ~ " from read_csv('" ~ file
        ~ "', auto_detect = false, header = true, delim = ',', quote = '\"', escape = '\"'"
        ~ ", columns = {" ~ types | join(', ') ~ "}"
        ~ (", strict_mode = false, new_line = '\\r\\n'" if is_mixed)
        ~ ') where coalesce(' ~ names ~ ') is not null' %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}
