{#
  Looks for lines of one CSV file that are no row, which would end every query of the file. Returns
  the temporary table that lists them (none: all lines are rows), and adds a sentence to `faults`
  for each that may have swallowed others: after a quote that is never closed nobody knows where the
  next row begins.
#}
{% macro find_unreadable_lines(table, file, found, faults) %}
    {% set text = unreadable_text() %}
    {% set errors = 'unreadable_' ~ local_md5(file.file) %}
    {% set read = csv_reader(file, found, ", store_rejects = true, rejects_table = '" ~ errors
        ~ "', rejects_scan = '" ~ errors ~ "_scan', rejects_limit = 0"
        ~ (mixed_line_ends('\\r\\n') if file.has_mixed_line_ends)) %}
    {% do run_query('drop table if exists temp.' ~ errors) %}
    {% do run_query('drop table if exists temp.' ~ errors ~ '_scan') %}
    {# all columns: text that is not asked for is not looked at #}
    {% do run_query(
        'select count(' ~ found | join('), count(') ~ ') from ' ~ read
    ) %}
    {% set lines = run_query('select line from temp.' ~ errors ~ ' limit 1') %}
    {% for row in run_query(
        'select line, min(error_message), min(left(' ~ text ~ ', 100)) from temp.' ~ errors
        ~ " where error_type not in ('INVALID ENCODING', 'MISSING COLUMNS', 'TOO MANY COLUMNS')"
        ~ " or (error_type <> 'INVALID ENCODING' and contains(" ~ text ~ ", chr(10)))"
        ~ ' group by line order by line limit 5'
    ) %}
        {% do faults.append(
            table.name ~ ': line ' ~ row[0] ~ ' of ' ~ file.file ~ ' is no CSV (' ~ row[1]
            ~ '). The rows after it may be a part of it: correct or remove it. It begins with '
            ~ row[2] | tojson
        ) %}
    {% endfor %}
    {% do return({'table': table.name, 'file': file.file, 'errors': errors} if lines else none) %}
{% endmacro %}


{#
  Writes the unreadable lines that were found to `landing.unreadable_lines`, and forgets those of
  the build before.
#}
{% macro store_unreadable_lines(found) %}
    {% set node = graph.sources['source.engagement.landing.unreadable_lines'] %}
    {% set relation = node.schema ~ '.' ~ node.name %}
    {% do run_query('create schema if not exists ' ~ node.schema) %}
    {% do run_query(review_table_ddl(node)) %}
    {% do run_query('delete from ' ~ relation) %}
    {% for lines in found %}
        {% do run_query(
            'insert into ' ~ relation ~ "\nselect '" ~ lines.table ~ "', '"
            ~ lines.file | replace("'", "''") ~ "', line, min(case error_type"
            ~ " when 'INVALID ENCODING' then 'it is not UTF-8'"
            ~ " when 'MISSING COLUMNS' then 'it has too few values'"
            ~ " else 'it has too many values' end), min(" ~ unreadable_text()
            ~ ')\nfrom temp.' ~ lines.errors ~ '\ngroup by line'
        ) %}
        {% set count = run_query(
            'select count(*) from ' ~ relation ~ " where source_table = '" ~ lines.table
            ~ "' and file_name = '" ~ lines.file | replace("'", "''") ~ "'"
        )[0][0] %}
        {% do log(
            lines.table ~ ': ' ~ count ~ ' unreadable lines of ' ~ lines.file
            ~ ' are left out and listed in rejected_records', info=true
        ) %}
    {% endfor %}
{% endmacro %}


{# The text of an unreadable line; DuckDB leaves half of the line break before it there. #}
{% macro unreadable_text() %}
    {% do return('trim(csv_line, chr(10) || chr(13))') %}
{% endmacro %}
