{#
  True where a text is a host that can be a company's: labels with dots between them, the last of
  which begins with a letter. Letters of any script, but no ASCII marks other than "-" and "_".
#}
{% macro is_host(text) -%}
    {%- set label = '[^!-,./:-@\\[-^`{-~\\s]' -%}
    {%- set letter = '[^!-@\\[-`{-~\\s]' -%}
    (
        {{ replace_all(text, '^(' ~ label ~ '+\\.)+' ~ letter ~ label ~ '+$', '') }} = ''
        and length({{ text }}) between 4 and {{ longest_host() }}
    )
{%- endmacro %}


{# The most characters that a host on the internet can have. #}
{% macro longest_host() %}
    {% do return(253) %}
{% endmacro %}


{#
  The host of a domain or URL in lower case, without scheme, user, port, path, query, closing dot and
  "www.": 'https://me@www.acme.com:80/x' -> 'acme.com'. Not yet sure to be one: see `is_host`.
#}
{% macro website_host(text) -%}
    {%- set address = replace_all(text, '^([a-z][a-z0-9+.-]*:/+|/+)+|[?#].*$', '') -%}
    {%- set host = replace_all(address, '/.*$', '') -%}
    {%- set bare = replace_all(host, '^[^@]*@|\\.*(:.*)?$', '') -%}
    {{ replace_all(bare, '^www[0-9]*\\.', '') }}
{%- endmacro %}


{#
  An address as it was before a tracker encoded it, without the blanks that come with copied text and
  cannot be seen.
#}
{% macro decoded_address(text) -%}
    replace(replace(replace(replace(
        {{ text }}, '%40', '@'
    ), '%2b', '+'), '{{ "\u00a0" }}', ' '), '{{ "\u200b" }}', '')
{%- endmacro %}


{# The part of an email address behind the "@", lower case. Null: no such part. #}
{% macro email_domain(email) -%}
    nullif(split_part({{ email }}, '@', 2), '')
{%- endmacro %}


{# The first email address in a longer text, such as JSON. Null: there is none. #}
{% macro first_address(text) -%}
    nullif({{ first_match(text, '[^ "<>:;,@]+@[^ "<>:;,@]+[.][^ "<>:;,@]+') }}, '')
{%- endmacro %}
