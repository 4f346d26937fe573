{#
  HMAC-SHA256 (RFC 2104) of "purpose:value" as 64 hex digits; null stays null. Without the key
  nobody can tell the value, not even by trying all addresses there are; two purposes cannot be
  compared.
  The key of the HMAC is the SHA-256 of the privacy key, which is a variable of the connection (see
  profiles.yml) and so in no SQL text, log or file.
#}
{% macro keyed_hash(expression, purpose) -%}
    {{ adapter.dispatch('keyed_hash', 'engagement')(expression, purpose) }}
{%- endmacro %}

{% macro default__keyed_hash(expression, purpose) -%}
    {% do exceptions.raise_compiler_error(
        'Personal data can only be masked, and people only be forgotten, with a keyed hash. '
        ~ 'There is none for ' ~ target.type ~ ' yet: write a macro ' ~ target.type
        ~ '__keyed_hash, an HMAC-SHA256 whose key comes from a secret store of the engine and '
        ~ 'never stands in the SQL.'
    ) %}
{%- endmacro %}

{% macro duckdb__keyed_hash(expression, purpose) -%}
    sha256(
        {{ padded_privacy_key('\\x5C') }}
        || unhex(sha256(
            {{ padded_privacy_key('\\x36') }} || encode('{{ purpose }}:' || {{ expression }})
        ))
    )
{%- endmacro %}


{# The key of the HMAC, filled up to a block of 64 bytes, each combined with one byte of padding. #}
{% macro padded_privacy_key(padding) -%}
    cast(xor(
        cast(unhex(sha256({{ privacy_key() }}) || repeat('00', 32)) as bit),
        cast(cast(repeat('{{ padding }}', 64) as blob) as bit)
    ) as blob)
{%- endmacro %}


{# The privacy key as an SQL expression; never its value. Null or empty: there is none. #}
{% macro privacy_key() -%} getvariable('privacy_key') {%- endmacro %}
