{#
  Reads the CSV of a seed and guesses nothing about it: otherwise one row with a stray quote would
  change how quotes are taken in all others. Called by dbt, after it has made the empty table.
#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set file = {'file': adapter.get_seed_file_path(model)} %}
    {% set faults = [] %}
    {% set is_mixed = has_mixed_line_ends(model, file, agate_table.column_names, faults) %}
    {% do raise_seed_faults(faults) %}
    {% set sql = 'copy ' ~ this ~ " from '" ~ file.file | replace("'", "''")
        ~ "' (format csv, header true, auto_detect false, delimiter ',', quote '\"', escape '\"'"
        ~ (", strict_mode false, new_line '\\n'" if is_mixed) ~ ')' %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}
