{#
  True if a text is a host that can belong to a company: labels separated by dots, of which the last
  begins with a letter. Letters can be of any script; the only ASCII punctuation is "-" and "_".
#}
{% macro is_host(text) -%}
    {%- set label = '[^!-,./:-@\\[-^`{-~\\s]' -%}
    {%- set letter = '[^!-@\\[-`{-~\\s]' -%}
    (
        {{ replace_all(text, '^(' ~ label ~ '+\\.)+' ~ letter ~ label ~ '+$', '') }} = ''
        and length({{ text }}) between 4 and {{ longest_host() }}
    )
{%- endmacro %}


{# The most characters an internet host can have. #}
{% macro longest_host() %}
    {% do return(253) %}
{% endmacro %}


{#
  The host of a domain or URL, without scheme, user, port, path, query, closing dot and "www.". It is
  in lower case: 'https://me@www.acme.com:80/x' -> 'acme.com'. It may not be a valid host: see
  `is_host`.
#}
{% macro website_host(text) -%}
    {%- set address = replace_all(text, '^([a-z][a-z0-9+.-]*:/+|/+)+|[?#].*$', '') -%}
    {%- set host = replace_all(address, '/.*$', '') -%}
    {%- set bare = replace_all(host, '^[^@]*@|\\.*(:.*)?$', '') -%}
    {{ replace_all(bare, '^www[0-9]*\\.', '') }}
{%- endmacro %}


{# An address as it was before a tracker encoded it, and without the invisible spaces of copied text. #}
{% macro decoded_address(text) -%}
    replace(replace(replace(replace(
        {{ text }}, '%40', '@'
    ), '%2b', '+'), '{{ "\u00a0" }}', ' '), '{{ "\u200b" }}', '')
{%- endmacro %}


{# The part of an email address after the "@", in lower case. Null if there is none. #}
{% macro email_domain(email) -%}
    nullif(split_part({{ email }}, '@', 2), '')
{%- endmacro %}


{# The first email address in a longer text, such as JSON. Null if there is none. #}
{% macro first_address(text) -%}
    nullif({{ first_match(text, '[^ "<>:;,@]+@[^ "<>:;,@]+[.][^ "<>:;,@]+') }}, '')
{%- endmacro %}
