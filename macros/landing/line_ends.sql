{#
  True if the lines of a CSV file end in two ways (CRLF and LF), as after one export was appended to
  another; DuckDB reads such a file only without its strict mode, which loses what is wrong with a
  line. So a line that is no row by itself adds a sentence to `faults`.
#}
{% macro has_mixed_line_ends(table, file, found, faults) %}
    {# by line feed alone, a line that ends with CRLF is followed by one that is null #}
    {% set crlf, lf = line_reader(file, '\\r\\n'), line_reader(file, '\\n') %}
    {% set counts = run_query(
        'select (select count(*) from ' ~ crlf ~ '), (select count(*) from ' ~ lf ~ ')'
    )[0] %}
    {% if counts[1] in (counts[0], 2 * counts[0]) %}{% do return(false) %}{% endif %}

    {% set value = '([^",\\r\\n]*|"([^"]|"")*")' %}
    {% set bad_lines = run_query(
        'select number from (select row_number() over () as number, line from '
        ~ crlf ~ ") where not regexp_full_match(line, '(" ~ value ~ ',){0,'
        ~ (found | length - 1) ~ '}' ~ value ~ "') order by number limit 1"
    ) %}
    {% if not bad_lines %}{% do return(true) %}{% endif %}

    {# the line feeds of an address of several lines, within quotes, end no row #}
    {% set row_ends = run_query(
        'select count(distinct is_crlf) from (select line, '
        ~ 'lead(line) over (order by number) is null as is_crlf, '
        ~ 'lead(number) over (order by number) is null as is_last, '
        ~ "sum(length(line) - length(replace(line, '\"', ''))) over (order by number) % 2 = 0 "
        ~ 'as is_row_end from (select row_number() over () as number, line from ' ~ lf ~ ')) '
        ~ 'where is_row_end and line is not null and not is_last'
    )[0][0] %}
    {% for row in bad_lines if row_ends > 1 %}
        {% do faults.append(
            table.name ~ ': line ' ~ row[0] ~ ' of ' ~ file.file ~ ' is no row by itself, in a '
            ~ 'file whose lines end in two ways (CRLF and LF). Correct it, or write the file with '
            ~ 'one kind of line end.'
        ) %}
    {% endfor %}
    {% do return(row_ends > 1) %}
{% endmacro %}


{# The options of `csv_reader` for such a file, for reading or (CRLF) for the right line numbers. #}
{% macro mixed_line_ends(new_line='\\n') %}
    {% do return(", strict_mode = false, new_line = '" ~ new_line ~ "'") %}
{% endmacro %}


{# The reader of the lines of a file as they stand there, whatever they are: column `line`. #}
{% macro line_reader(file, new_line) %}
    {% do return(
        "read_csv('" ~ file.file | replace("'", "''") ~ "', header = false, auto_detect = false, "
        ~ "delim = '\x01\x02\x03\x04', quote = '', escape = '', columns = {'line': 'varchar'}, "
        ~ 'parallel = false, ignore_errors = true' ~ mixed_line_ends(new_line) ~ ')'
    ) %}
{% endmacro %}
