{#
  A whole number of 63 bits that tells rows apart by some of their columns; null counts as a value. It
  may be another one on another version of the engine.
#}
{% macro row_hash(expressions) -%}
    {{ adapter.dispatch('row_hash', 'engagement')(expressions) }}
{%- endmacro %}

{% macro duckdb__row_hash(expressions) -%}
    cast(hash({{ expressions | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{% macro spark__row_hash(expressions) -%}
    shiftrightunsigned(xxhash64({{ expressions | join(', ') }}), 1)
{%- endmacro %}
