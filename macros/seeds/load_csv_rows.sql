{#
  Reads the CSV of a seed and guesses nothing about it: otherwise one row with a stray quote would
  change how quotes are taken in all others. Called by dbt, after it has made the empty table.
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
    {% set sql = 'copy ' ~ this ~ " from '" ~ file
        ~ "' (format csv, header true, auto_detect false, delimiter ',', quote '\"', escape '\"'"
        ~ (", strict_mode false, new_line '\\r\\n'" if is_mixed) ~ ')' %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}
