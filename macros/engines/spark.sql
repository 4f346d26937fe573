{# What Spark calls the names of engine.sql. #}

{% macro spark__to_number(expression) -%}
    {#- digits and exponent are few enough for a double; Spark by itself takes "1d" for a number -#}
    {%- set digits = '[+-]?([0-9]{1,200}([.][0-9]{0,99})?|[.][0-9]{1,99})([eE][+-]?[0-9]{1,2})?' -%}
    case
        when cast({{ expression }} as string) rlike '^ *{{ digits }} *$'
            then try_cast(cast({{ expression }} as string) as double)
    end
{%- endmacro %}


{% macro spark__type_double() -%} double {%- endmacro %}


{% macro spark__row_as_json(columns, prefix) -%}
    {#- a mark behind a time, to find the zeros that it ends with and others do not write -#}
    {%- set mark = '\ue000' -%}
    regexp_replace(
        to_json(
            named_struct(
                {%- for column in columns -%}
                    '{{ column }}', {{ prefix }}{{ column }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            ),
            map('ignoreNullFields', 'false', 'timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS{{ mark }}')
        ), '[.]?0*{{ mark }}', ''
    )
{%- endmacro %}


{% macro spark__json_member(object, name) -%}
    get_json_object({{ object }}, '$.{{ name }}')
{%- endmacro %}


{% macro spark__json_text(expression) -%}
    to_json({{ expression }}, map('ignoreNullFields', 'false'))
{%- endmacro %}


{% macro spark__event_parameters(parameters) -%}
    from_json(
        {{ parameters }},
        'array<struct<key: string, value: struct<string_value: string, int_value: string,
        double_value: string, float_value: string>>>'
    )
{%- endmacro %}

{% macro spark__event_parameter(parameters, key) -%}
    get(
        transform(
            filter({{ parameters }}, parameter -> parameter.key = '{{ key }}'),
            parameter -> coalesce(
                parameter.value.string_value, parameter.value.int_value, parameter.value.double_value,
                parameter.value.float_value
            )
        ), 0
    )
{%- endmacro %}


{# A regular expression as a literal: Spark takes a backslash in one for the begin of another character. #}
{% macro spark_pattern(pattern) -%}
    '{{ pattern | replace("\\", "\\\\") }}'
{%- endmacro %}


{% macro spark__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, {{ spark_pattern(pattern) }}, '{{ replacement }}')
{%- endmacro %}


{% macro spark__replace_first(text, pattern, replacement) -%}
    {#- by itself Spark replaces them all -#}
    regexp_replace({{ text }}, {{ spark_pattern('(?s)^(.*?)(' ~ pattern ~ ')') }}, '$1{{ replacement }}')
{%- endmacro %}


{% macro spark__without_leading(text, characters) -%}
    trim(leading '{{ characters }}' from {{ text }})
{%- endmacro %}


{% macro spark__without_trailing(text, characters) -%}
    trim(trailing '{{ characters }}' from {{ text }})
{%- endmacro %}


{% macro spark__first_match(text, pattern) -%}
    regexp_extract({{ text }}, {{ spark_pattern(pattern) }}, 0)
{%- endmacro %}


{% macro spark__words_of(text) -%}
    ' ' || trim(
        {{ replace_all(replace_all('lower(' ~ text ~ ')', '\\b(\\pL)[.]', '$1'), '[^\\pL\\pM\\pN]+', ' ') }}
    ) || ' '
{%- endmacro %}


{% macro spark__url_decoded(text) -%}
    {#- a plus is none of a form, a percent sign may be one; what is no text in UTF-8 becomes U+FFFD -#}
    {%- set decoded -%}
        try_url_decode({{ replace_all('replace(' ~ text ~ ", '+', '%2B')", '%(?![0-9a-fA-F]{2})', '%25') }})
    {%- endset -%}
    case
        when position('%00' in {{ text }}) > 0 or position('{{ "\ufffd" }}' in {{ decoded }}) > 0
            then {{ text }}
        else coalesce({{ decoded }}, {{ text }})
    end
{%- endmacro %}


{% macro spark__ordered_text(expression) -%}
    nullif(array_join(array_sort(collect_list({{ expression }})), ', '), '')
{%- endmacro %}


{% macro spark__time_from_text(text) -%}
    {%- set written = 'upper(' ~ text ~ ')' -%}
    {%- set day = '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}' -%}
    {%- set time = '[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?' -%}
    {%- set zone = '(Z|UTC|[+-][0-9]{2}(:?[0-9]{2})?)' -%}
    case
        when {{ text }} rlike '^([0-9]{10}|[0-9]{13}|[0-9]{16})$'
            then timestamp_micros(cast(rpad({{ text }}, 16, '0') as bigint))
        when {{ written }} rlike '^{{ day }}([ T]+{{ time }}( *{{ zone }})?)?$'
            then try_cast(
                {{ replace_all(replace_all(written, '[ T]+(?=[0-9])', 'T'), ' +(?=[ZU+-])', '') }} as timestamp
            )
    end
{%- endmacro %}


{% macro spark__utc_time(expression) -%}
    {{ expression }}
{%- endmacro %}


{% macro spark__time_bucket(timestamp_expression, seconds) -%}
    cast(floor(unix_micros({{ timestamp_expression }}) / ({{ seconds }} * 1000000)) as bigint)
{%- endmacro %}


{% macro spark__add_minutes(timestamp_expression, minutes_expression) -%}
    timestampadd(minute, {{ minutes_expression }}, {{ timestamp_expression }})
{%- endmacro %}


{% macro spark__add_seconds(timestamp_expression, seconds) -%}
    timestampadd(second, {{ seconds }}, {{ timestamp_expression }})
{%- endmacro %}


{% macro spark__days_between(from_date, to_date) -%}
    datediff({{ to_date }}, {{ from_date }})
{%- endmacro %}


{% macro spark__row_hash(expressions) -%}
    {#- xxhash64 leaves nulls out -#}
    shiftrightunsigned(xxhash64(
        {%- for expression in expressions -%}
        {{ expression }}, ({{ expression }}) is null{{ ', ' if not loop.last }}
        {%- endfor -%}
    ), 1)
{%- endmacro %}


{% macro spark__table_names(relation) %}
    {#- dbt knows by heart what there is under the name itself -#}
    {% set known = load_relation(relation) %}
    {% if known %}{% do return([known.identifier]) %}{% endif %}
    {% if not adapter.check_schema_exists(none, relation.schema) %}{% do return([]) %}{% endif %}
    {% do return(run_query('show tables in ' ~ relation.schema).columns['tableName'].values() | list) %}
{% endmacro %}


{% macro spark__statistics_of(relation) -%}
{%- endmacro %}


{% macro spark__reads_files() %}
    {% do return(false) %}
{% endmacro %}


{% macro spark__null_as_word(relation, column) -%}
    {#- spark__load_csv_rows has seen to it -#}
{%- endmacro %}


{% macro spark__partitioned_by(column) %}
    {% do return(column) %}
{% endmacro %}


{# Nothing can be replaced in files of Parquet: they are written anew. #}
{% macro spark__with_replaceable_rows() %}
    {% do return('incremental' if spark_has_merge(env_var('SPARK_FILE_FORMAT', 'parquet')) else 'table') %}
{% endmacro %}


{% macro spark__computed_once() -%}
{%- endmacro %}


{# A join of all events is a shuffle of them all. And no metastore has to hold the text of a long view. #}
{% macro spark__for_many_readers() %}
    {% do return('table') %}
{% endmacro %}


{# True where a file format can replace single rows. #}
{% macro spark_has_merge(file_format) %}
    {% do return(file_format in ('delta', 'iceberg', 'hudi')) %}
{% endmacro %}


{#
  A date or a time plus a number of days, months or other parts; null if either is null, where dbt's own
  raises an error. Called by dbt.
#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}


{# The table of a seed comes with its rows; without any, dbt asks for no more than this. Called by dbt. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {% do return('' if agate_table.rows else spark__load_csv_rows(model, agate_table)) %}
{% endmacro %}


{#
  Creates the table of a seed in one statement of one literal. Its texts are strings, as contracts of marts
  ask for. dbt reads the word null as an empty cell; a required one is never empty. Called
  by dbt.
#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {% set names, rows, types, columns = [], [], [], [] %}
    {% for name in agate_table.column_names %}
        {% set type = model.config.column_types.get(name, adapter.convert_type(agate_table, loop.index0)) %}
        {% do names.append(name) %}
        {% do types.append('`' ~ name ~ '`: string') %}
        {% do columns.append('cast(`' ~ name ~ '` as ' ~ type ~ ') as `' ~ name ~ '`') %}
    {% endfor %}
    {% for row in agate_table.rows %}
        {% set values = {} %}
        {% for name in names %}
            {% set is_required = name in model.columns and model.columns[name].config.meta.get('required') %}
            {% set value = none if row[name] is none else row[name] | string %}
            {% do values.update({name: 'null' if value is none and is_required else value}) %}
        {% endfor %}
        {% do rows.append(values) %}
    {% endfor %}
    {% set sql = 'create table ' ~ this ~ ' ' ~ file_format_clause() ~ location_clause() ~ ' as select '
        ~ columns | join(', ') ~ " from (select inline(from_json('"
        ~ tojson(rows) | replace('\\', '\\\\') | replace("'", "\\'") ~ "', 'array<struct<" ~ types | join(', ')
        ~ ">>'))) as seed_rows" %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {% do return(sql) %}
{% endmacro %}


{# Rows are replaced by a merge where the file format knows one. Called by dbt. #}
{% macro dbt_spark_validate_get_incremental_strategy(raw_strategy, file_format) %}
    {% do return(
        'merge' if raw_strategy == 'delete+insert' and spark_has_merge(file_format) else raw_strategy
    ) %}
{% endmacro %}


{#
  How the rows of a run, `source`, get into the table of an incremental model. Called by dbt.

  Parquet knows no delete, so delete+insert writes the partitions anew in which a row is replaced or
  added: what is new, and what was there under other keys. The column of `partition_by` is part of the
  key, so that no row leaves its partition. Spark puts each partition in the place of the old one when all are
  written.
#}
{% macro dbt_spark_get_incremental_sql(strategy, source, target, existing, unique_key, incremental_predicates) %}
    {% if strategy == 'append' %}
        {{ get_insert_into_sql(source, target) }}
    {% elif strategy == 'merge' %}
        {{ get_merge_sql(target, source, unique_key, none, incremental_predicates) }}
    {% else %}
        {% set partition = config.get('partition_by') %}
        {% set written = target.incorporate(path={'identifier': target.identifier ~ '__written'}) %}
        {% set columns = adapter.get_columns_in_relation(target) | map(attribute='quoted') | join(', ') %}
        {% set same_key = [] %}
        {% for column in unique_key %}
            {% do same_key.append('stored.' ~ column ~ ' = written.' ~ column) %}
        {% endfor %}
        {% do run_query('drop table if exists ' ~ written) %}
        {% do run_query('create table ' ~ written ~ ' ' ~ file_format_clause() ~ ' as select * from ' ~ source) %}
        {% do run_query('set spark.sql.sources.partitionOverwriteMode = dynamic') %}
        {% do run_query(
            'insert overwrite table ' ~ target ~ ' partition (' ~ partition ~ ') select ' ~ columns
            ~ ' from ' ~ written ~ ' union all select ' ~ columns ~ ' from ' ~ target ~ ' as stored'
            ~ ' left anti join ' ~ written ~ ' as written on ' ~ same_key | join(' and ')
            ~ ' where ' ~ partition ~ ' in (select ' ~ partition ~ ' from ' ~ written ~ ')'
        ) %}
        drop table {{ written }}
    {% endif %}
{% endmacro %}
