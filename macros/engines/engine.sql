{#
  Everything that differs between engines. Each name here has its SQL in one file per engine beside
  this one, and nowhere else. To add an engine, add a file.
#}


{# A text or number as a finite double. Null if it can't be read as one. #}
{% macro to_number(expression) -%}
    {{ adapter.dispatch('to_number', 'engagement')(expression) }}
{%- endmacro %}


{# The type of an 8-byte floating point number. dbt's own type_float is 4 bytes on some engines. #}
{% macro type_double() -%} {{ adapter.dispatch('type_double', 'engagement')() }} {%- endmacro %}


{#
  The named columns of a row as a JSON object in text. `prefix` comes before the column names in the
  SQL, but not in the JSON.
#}
{% macro row_as_json(columns, prefix='') -%}
    {{ adapter.dispatch('row_as_json', 'engagement')(columns, prefix) }}
{%- endmacro %}


{# A member of a JSON object in text, as text. Null if there is no such member, or no JSON object. #}
{% macro json_member(object, name) -%}
    {{ adapter.dispatch('json_member', 'engagement')(object, name) }}
{%- endmacro %}


{# A list or struct as JSON in text. #}
{% macro json_text(expression) -%}
    {{ adapter.dispatch('json_text', 'engagement')(expression) }}
{%- endmacro %}


{#
  The parameters of an event in a type of the engine's own. GA4 exports them as a JSON list in text:
  {"key": ..., "value": {"string_value" or "int_value" or "double_value" or "float_value": ...}}. Null
  if there is no such list.
#}
{% macro event_parameters(parameters) -%}
    {{ adapter.dispatch('event_parameters', 'engagement')(parameters) }}
{%- endmacro %}


{# One of the parameters in `event_parameters`, as text. Null if it is missing. #}
{% macro event_parameter(parameters, key) -%}
    {{ adapter.dispatch('event_parameter', 'engagement')(parameters, key) }}
{%- endmacro %}


{# A text with every match of a regular expression replaced. #}
{% macro replace_all(text, pattern, replacement) -%}
    {{ adapter.dispatch('replace_all', 'engagement')(text, pattern, replacement) }}
{%- endmacro %}


{# A text with its first match of a regular expression replaced. #}
{% macro replace_first(text, pattern, replacement) -%}
    {{ adapter.dispatch('replace_first', 'engagement')(text, pattern, replacement) }}
{%- endmacro %}


{# A text without these characters at its start, in any order and number. #}
{% macro without_leading(text, characters) -%}
    {{ adapter.dispatch('without_leading', 'engagement')(text, characters) }}
{%- endmacro %}


{# A text without these characters at its end, in any order and number. #}
{% macro without_trailing(text, characters) -%}
    {{ adapter.dispatch('without_trailing', 'engagement')(text, characters) }}
{%- endmacro %}


{# The first part of a text that matches a regular expression; '' if nothing matches. #}
{% macro first_match(text, pattern) -%}
    {{ adapter.dispatch('first_match', 'engagement')(text, pattern) }}
{%- endmacro %}


{#
  The words of a text in lower case, with one space before, between and after them. Dots of initials
  are removed: "V.P., Sales/Marketing" -> ' vp sales marketing '. Null for a null text.
#}
{% macro words_of(text) -%}
    {{ adapter.dispatch('words_of', 'engagement')(text) }}
{%- endmacro %}


{# A text with its URL-encoded characters ("%2f") decoded. #}
{% macro url_decoded(text) -%}
    {{ adapter.dispatch('url_decoded', 'engagement')(text) }}
{%- endmacro %}


{#
  All values of a text expression in a group as one text, sorted and separated by ", ". Null for an
  empty group.
#}
{% macro ordered_text(expression) -%}
    {{ adapter.dispatch('ordered_text', 'engagement')(expression) }}
{%- endmacro %}


{#
  A UTC time from text: an ISO 8601 day or time, or seconds, milliseconds or microseconds since 1970.
  Times without a zone are UTC. Null if the text is no time.
#}
{% macro time_from_text(text) -%}
    {{ adapter.dispatch('time_from_text', 'engagement')(text) }}
{%- endmacro %}


{# A time with a zone as a UTC time without one. #}
{% macro utc_time(expression) -%}
    {{ adapter.dispatch('utc_time', 'engagement')(expression) }}
{%- endmacro %}


{#
  The number of the time bucket, `seconds` long and counted from 1970, that a time falls into. Two
  times closer than `seconds` are in the same bucket or in adjacent ones.
#}
{% macro time_bucket(timestamp_expression, seconds) -%}
    {{ adapter.dispatch('time_bucket', 'engagement')(timestamp_expression, seconds) }}
{%- endmacro %}


{# A timestamp plus a number of minutes from a column. Null if either is null. #}
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
  A 63-bit whole number that identifies a row by some of its columns; null counts as a value. Versions
  of an engine may give different numbers.
#}
{% macro row_hash(expressions) -%}
    {{ adapter.dispatch('row_hash', 'engagement')(expressions) }}
{%- endmacro %}


{# The names of the tables and views in the same schema as a relation. #}
{% macro table_names(relation) %}
    {% do return(adapter.dispatch('table_names', 'engagement')(relation)) %}
{% endmacro %}


{#
  A statement that updates the statistics of a new table, so that queries on it are planned well.
  Empty if the engine does so by itself.
#}
{% macro statistics_of(relation) -%}
    {{ adapter.dispatch('statistics_of', 'engagement')(relation) }}
{%- endmacro %}


{#
  True if the engine can read files, so that landing fills the raw tables. On other engines the raw
  tables must exist.
#}
{% macro reads_files() %}
    {% do return(adapter.dispatch('reads_files', 'engagement')()) %}
{% endmacro %}


{#
  A hook that writes the word null into a key column of a seed if dbt has read it as an empty cell. Empty
  if dbt reads the word.
#}
{% macro null_as_word(relation, column) -%}
    {{ adapter.dispatch('null_as_word', 'engagement')(relation, column) }}
{%- endmacro %}


{#
  A word before the brackets of a CTE that long expressions are computed in. Without it, an engine
  computes them again in each place that uses their result. Empty if an engine has no such word.
#}
{% macro computed_once() -%}
    {{ adapter.dispatch('computed_once', 'engagement')() }}
{%- endmacro %}


{#
  The materialization of rows that several models read: 'view' if making them in each reader is faster
  than writing them once, else 'table'.
#}
{% macro for_many_readers() %}
    {% do return(adapter.dispatch('for_many_readers', 'engagement')()) %}
{% endmacro %}


{#
  The materialization of a large table in which any row can change: 'incremental' if single rows can be
  replaced, else 'table'.
#}
{% macro with_replaceable_rows() %}
    {% do return(adapter.dispatch('with_replaceable_rows', 'engagement')()) %}
{% endmacro %}


{#
  The column that a growing table is partitioned by, on engines that replace whole partitions. None on
  the others.
#}
{% macro partitioned_by(column) %}
    {% do return(adapter.dispatch('partitioned_by', 'engagement')(column)) %}
{% endmacro %}
