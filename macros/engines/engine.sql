{#
  What engines say in different ways: each name here has its SQL in the file of each engine beside this
  one, and nowhere else. A new engine is one more file.
#}


{# Any text or number as a finite double. Null: cannot be read as one. #}
{% macro to_number(expression) -%}
    {{ adapter.dispatch('to_number', 'engagement')(expression) }}
{%- endmacro %}


{#
  The type of an 8-byte floating point number; dbt's own type_float is 4 bytes on some engines.
#}
{% macro type_double() -%} {{ adapter.dispatch('type_double', 'engagement')() }} {%- endmacro %}


{#
  The named columns of a row as one JSON object in text; `prefix` stands before the name in the SQL,
  not in the JSON.
#}
{% macro row_as_json(columns, prefix='') -%}
    {{ adapter.dispatch('row_as_json', 'engagement')(columns, prefix) }}
{%- endmacro %}


{# A member of a JSON object in text, as text. Null: no such member, or no JSON object. #}
{% macro json_member(object, name) -%}
    {{ adapter.dispatch('json_member', 'engagement')(object, name) }}
{%- endmacro %}


{# A list or a struct as JSON in text. #}
{% macro json_text(expression) -%}
    {{ adapter.dispatch('json_text', 'engagement')(expression) }}
{%- endmacro %}


{#
  The parameters of an event as GA4 exports them, a JSON list of {"key": ..., "value": {"string_value" or
  "int_value" or "double_value" or "float_value": ...}} in text, in a type of the engine's own. Null: no
  such list.
#}
{% macro event_parameters(parameters) -%}
    {{ adapter.dispatch('event_parameters', 'engagement')(parameters) }}
{%- endmacro %}


{# One of the parameters that `event_parameters` gives, as text. Null: there is none. #}
{% macro event_parameter(parameters, key) -%}
    {{ adapter.dispatch('event_parameter', 'engagement')(parameters, key) }}
{%- endmacro %}


{# A text with all that matches a regular expression replaced. #}
{% macro replace_all(text, pattern, replacement) -%}
    {{ adapter.dispatch('replace_all', 'engagement')(text, pattern, replacement) }}
{%- endmacro %}


{# A text with the first part of it replaced that matches a regular expression. #}
{% macro replace_first(text, pattern, replacement) -%}
    {{ adapter.dispatch('replace_first', 'engagement')(text, pattern, replacement) }}
{%- endmacro %}


{# The first part of a text that matches a regular expression; '' if none does. #}
{% macro first_match(text, pattern) -%}
    {{ adapter.dispatch('first_match', 'engagement')(text, pattern) }}
{%- endmacro %}


{#
  The words of a text, lower case, with one blank before, between and after them; dots of initials
  vanish: "V.P., Sales/Marketing" -> ' vp sales marketing '. Null: no text.
#}
{% macro words_of(text) -%}
    {{ adapter.dispatch('words_of', 'engagement')(text) }}
{%- endmacro %}


{# A text with encoded characters ("%2f") as it was meant. #}
{% macro url_decoded(text) -%}
    {{ adapter.dispatch('url_decoded', 'engagement')(text) }}
{%- endmacro %}


{#
  All values of a text expression in a group as one text, sorted, separated by ", "; null for an
  empty group.
#}
{% macro ordered_text(expression) -%}
    {{ adapter.dispatch('ordered_text', 'engagement')(expression) }}
{%- endmacro %}


{#
  A day or a time in text, as ISO 8601 writes it or in seconds, milliseconds or microseconds since 1970,
  in UTC; one without a zone is taken as UTC. Null: it is none.
#}
{% macro time_from_text(text) -%}
    {{ adapter.dispatch('time_from_text', 'engagement')(text) }}
{%- endmacro %}


{# A time with a zone as one without, in UTC. #}
{% macro utc_time(expression) -%}
    {{ adapter.dispatch('utc_time', 'engagement')(expression) }}
{%- endmacro %}


{#
  The number of the stretch of so many seconds that a time lies in, counted from 1970: two times that
  are closer than that lie in the same or in neighbouring ones.
#}
{% macro time_bucket(timestamp_expression, seconds) -%}
    {{ adapter.dispatch('time_bucket', 'engagement')(timestamp_expression, seconds) }}
{%- endmacro %}


{# A timestamp plus a number of minutes that comes from a column; null if either is null. #}
{% macro add_minutes(timestamp_expression, minutes_expression) -%}
    {{ adapter.dispatch('add_minutes', 'engagement')(timestamp_expression, minutes_expression) }}
{%- endmacro %}


{# A timestamp plus a number of seconds. #}
{% macro add_seconds(timestamp_expression, seconds) -%}
    {{ adapter.dispatch('add_seconds', 'engagement')(timestamp_expression, seconds) }}
{%- endmacro %}


{# Whole days from one date to another, as an integer; negative if the second is earlier. #}
{% macro days_between(from_date, to_date) -%}
    {{ adapter.dispatch('days_between', 'engagement')(from_date, to_date) }}
{%- endmacro %}


{#
  A number that changes when any of the texts of a group does, whatever their order, and that of two
  groups together is the sum of both. It may be another one on another version of the engine.
#}
{% macro fingerprint(expression) -%}
    {{ adapter.dispatch('fingerprint', 'engagement')(expression) }}
{%- endmacro %}


{#
  A whole number of 63 bits that tells rows apart by some of their columns; null counts as a value. It
  may be another one on another version of the engine.
#}
{% macro row_hash(expressions) -%}
    {{ adapter.dispatch('row_hash', 'engagement')(expressions) }}
{%- endmacro %}


{# The names of the tables and views beside a relation, in its schema. #}
{% macro table_names(relation) %}
    {% do return(adapter.dispatch('table_names', 'engagement')(relation)) %}
{% endmacro %}


{#
  What makes an engine look at a new table before it plans queries on it; empty where it does so by
  itself.
#}
{% macro statistics_of(relation) -%}
    {{ adapter.dispatch('statistics_of', 'engagement')(relation) }}
{%- endmacro %}


{#
  True if this engine can read files, so that landing fills the raw tables; elsewhere they are tables
  that are there.
#}
{% macro reads_files() %}
    {% do return(adapter.dispatch('reads_files', 'engagement')()) %}
{% endmacro %}


{#
  A hook that puts the word null into a column of a seed, a key, where dbt has read it as an empty cell;
  empty where it reads the word.
#}
{% macro null_as_word(relation, column) -%}
    {{ adapter.dispatch('null_as_word', 'engagement')(relation, column) }}
{%- endmacro %}


{#
  How joined events are kept that several models read: 'view' where each reader joins what it needs in
  less time than writing all of them takes, else 'table'.
#}
{% macro for_many_readers() %}
    {% do return(adapter.dispatch('for_many_readers', 'engagement')()) %}
{% endmacro %}


{#
  How a large table is built any row of which may change: 'incremental' where single rows can be
  replaced, else 'table'.
#}
{% macro with_replaceable_rows() %}
    {% do return(adapter.dispatch('with_replaceable_rows', 'engagement')()) %}
{% endmacro %}


{# `table_names` of an engine that has the information schema of the SQL standard. #}
{% macro names_in_information_schema(relation) %}
    {% set rows = run_query(
        "select table_name from information_schema.tables where lower(table_schema) = '"
        ~ relation.schema | lower ~ "' and lower(table_catalog) = '" ~ relation.database | lower
        ~ "' order by table_name"
    ) %}
    {% do return(rows.columns[0].values() | list) %}
{% endmacro %}
