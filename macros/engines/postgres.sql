{# What PostgreSQL calls the names of engine.sql. #}

{% macro postgres__to_number(expression) -%}
    {#- digits and exponent are few enough for a double -#}
    {%- set digits = '[+-]?([0-9]{1,200}([.][0-9]{0,99})?|[.][0-9]{1,99})([eE][+-]?[0-9]{1,2})?' -%}
    case
        when cast({{ expression }} as text) ~ '^\s*{{ digits }}\s*$'
            then cast(cast({{ expression }} as text) as double precision)
    end
{%- endmacro %}


{% macro postgres__type_double() -%} double precision {%- endmacro %}


{% macro postgres__row_as_json(columns, prefix) -%}
    '{' ||
    {%- for column in columns -%}
    {%- set value = prefix ~ column %}
    '"{{ column }}":' || coalesce(
        case
            when cast(pg_typeof({{ value }}) as text) in ('bigint', 'integer', 'boolean', 'numeric')
                then cast({{ value }} as text)
            -- as DuckDB writes it
            when cast(pg_typeof({{ value }}) as text) = 'double precision'
                then regexp_replace(cast({{ value }} as text), '^(-?[0-9]+)$', '\1.0')
            else cast(to_json(cast({{ value }} as text)) as text)
        end, 'null'
    ) || '{{ ',' if not loop.last }}' ||
    {%- endfor %} '}'
{%- endmacro %}


{% macro postgres__json_member(object, name) -%}
    case
        when {{ object }} ~ '^\s*[{]\s*(".*)?[}]\s*$' then cast({{ object }} as json) ->> '{{ name }}'
    end
{%- endmacro %}


{% macro postgres__json_text(expression) -%}
    cast(to_jsonb({{ expression }}) as text)
{%- endmacro %}


{% macro postgres__event_parameters(parameters) -%}
    case
        when {{ parameters }} ~ '^\s*\[\s*([{].*[}]\s*)?\]\s*$' then cast({{ parameters }} as json)
    end
{%- endmacro %}

{% macro postgres__event_parameter(parameters, key) -%}
    (
        select
            coalesce(
                parameter #>> '{value,string_value}', parameter #>> '{value,int_value}',
                parameter #>> '{value,double_value}', parameter #>> '{value,float_value}'
            )

        from
            json_array_elements({{ parameters }}) as parameter
        where parameter ->> 'key' = '{{ key }}'
        limit 1
    )
{%- endmacro %}


{% macro postgres__replace_all(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}


{% macro postgres__replace_first(text, pattern, replacement) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}


{% macro postgres__without_leading(text, characters) -%}
    ltrim({{ text }}, '{{ characters }}')
{%- endmacro %}


{% macro postgres__without_trailing(text, characters) -%}
    rtrim({{ text }}, '{{ characters }}')
{%- endmacro %}


{% macro postgres__first_match(text, pattern) -%}
    coalesce(regexp_substr({{ text }}, '{{ pattern }}'), '')
{%- endmacro %}


{% macro postgres__words_of(text) -%}
    ' ' || trim(
        regexp_replace(
            regexp_replace(lower({{ text }}), '\m([[:alpha:]])[.]', '\1', 'g'), '[^[:alnum:]]+', ' ', 'g'
        )
    ) || ' '
{%- endmacro %}


{% macro postgres__url_decoded(text) -%}
    (
        select
            case
                -- only what is text in UTF-8
                when
                    encoded.hex ~ (
                        '^(([0-7][0-9a-f])|((c[2-9a-f]|d[0-9a-f])[89ab][0-9a-f])'
                        || '|((e0[ab][0-9a-f]|e[1-9abcef][89ab][0-9a-f]|ed[89][0-9a-f])[89ab][0-9a-f])'
                        || '|((f0[9ab][0-9a-f]|f[1-3][89ab][0-9a-f]|f48[0-9a-f])([89ab][0-9a-f]){2}))*$'
                    )
                    and {{ text }} !~ '%00'
                    -- the name of an encoding has the collation "C", and would pass it on
                    then convert_from(decode(encoded.hex, 'hex'), 'UTF8') collate "default"
                else {{ text }}
            end

        from (
            select
                string_agg(
                    coalesce(lower(part.parts[1]), encode(convert_to(part.parts[2], 'UTF8'), 'hex')), ''
                ) as hex

            from regexp_matches({{ text }}, '%([0-9a-fA-F]{2})|(.)', 'g') as part (parts)
        ) as encoded
    )
{%- endmacro %}


{% macro postgres__ordered_text(expression) -%}
    string_agg({{ expression }}, ', ' order by {{ expression }})
{%- endmacro %}


{% macro postgres__time_from_text(text) -%}
    {%- set day -%}
        (?!0000)[0-9]{4}-((0?[13578]|1[02])-(0?[1-9]|[12][0-9]|3[01])|(0?[469]|11)-(0?[1-9]|[12][0-9]|30)|0?2-(0?[1-9]|1[0-9]|2[0-8]))
    {%- endset -%}
    {%- set leap_day = '(?!0000)([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-0?2-29' -%}
    {%- set time = '([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?' -%}
    {%- set zone = '(z|utc|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)' -%}
    case
        when {{ text }} ~ '^([0-9]{10}|[0-9]{13}|[0-9]{16})$'
            then timezone('UTC', to_timestamp(cast(rpad({{ text }}, 16, '0') as numeric) / 1000000))
        when {{ text }} ~* '^({{ day }}|{{ leap_day }})[ t]+{{ time }} *{{ zone }}$'
            then timezone('UTC', cast({{ text }} as timestamp with time zone))
        when {{ text }} ~* '^({{ day }}|{{ leap_day }})([ t]+{{ time }})?$'
            then cast({{ text }} as timestamp)
    end
{%- endmacro %}


{% macro postgres__utc_time(expression) -%}
    timezone('UTC', {{ expression }})
{%- endmacro %}


{% macro postgres__time_bucket(timestamp_expression, seconds) -%}
    cast(floor(extract(epoch from {{ timestamp_expression }}) / {{ seconds }}) as bigint)
{%- endmacro %}


{% macro postgres__add_minutes(timestamp_expression, minutes_expression) -%}
    ({{ timestamp_expression }} + {{ minutes_expression }} * interval '1 minute')
{%- endmacro %}


{% macro postgres__add_seconds(timestamp_expression, seconds) -%}
    ({{ timestamp_expression }} + {{ seconds }} * interval '1 second')
{%- endmacro %}


{% macro postgres__days_between(from_date, to_date) -%}
    cast(cast({{ to_date }} as date) - cast({{ from_date }} as date) as integer)
{%- endmacro %}


{% macro postgres__row_hash(expressions) -%}
    (
        hashtextextended(
            concat(
                {%- for expression in expressions -%}
                {%- set text -%} cast({{ expression }} as text) {%- endset -%}
                coalesce(cast(length({{ text }}) as text), '-'), ':', {{ text }}{{ ', ' if not loop.last }}
                {%- endfor -%}
            ), 0
        ) & 9223372036854775807
    )
{%- endmacro %}


{# The information schema hides tables that the role may not read. They would count as empty. #}
{% macro postgres__table_names(relation) %}
    {% set rows = run_query(
        "select relname from pg_class inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid"
        ~ " where lower(nspname) = '" ~ relation.schema | lower ~ "' and relkind in ('r', 'p', 'v', 'm', 'f')"
        ~ " order by relname"
    ) %}
    {% do return(rows.columns[0].values() | list) %}
{% endmacro %}


{% macro postgres__statistics_of(relation) -%}
    analyze {{ relation }}
{%- endmacro %}


{% macro postgres__reads_files() %}
    {% do return(false) %}
{% endmacro %}


{% macro postgres__null_as_word(relation, column) -%}
    update {{ relation }} set {{ column }} = 'null' where {{ column }} is null
{%- endmacro %}


{% macro postgres__computed_once() -%}
    materialized
{%- endmacro %}


{% macro postgres__for_many_readers() %}
    {% do return('view') %}
{% endmacro %}


{% macro postgres__partitioned_by(column) %}
    {% do return(none) %}
{% endmacro %}


{% macro postgres__with_replaceable_rows() %}
    {% do return('incremental') %}
{% endmacro %}
