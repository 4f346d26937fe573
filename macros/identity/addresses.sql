{#
  True if a text is a host that can belong to a company: labels separated by dots, of which the last
  begins with a letter. Letters can be of any script; the only punctuation is "-" and "_" inside a
  label.
#}
{% macro is_host(text) -%}
    {%- set odd = '\\s' ~ "\u00a0\u00ab\u00ad\u00bb\u2000-\u206f\u3000\ufeff" -%}
    {%- set letter = '[^!-@\\[-`{-~' ~ odd ~ ']' -%}
    {%- set letter_or_digit = '[^!-/:-@\\[-`{-~' ~ odd ~ ']' -%}
    {%- set inside = '[^!-,./:-@\\[-^`{-~' ~ odd ~ ']*' -%}
    {%- set label = letter_or_digit ~ '(' ~ inside ~ letter_or_digit ~ ')?' -%}
    (
        {{ replace_all(text, '^(' ~ label ~ '\\.)+' ~ letter ~ inside ~ letter_or_digit ~ '$', '') }} = ''
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


{#
  An address or website as it was before a tracker encoded it, in lower case. Invisible characters of
  copied text are removed. Other blanks and typographic quotes are plain blanks. Typographic
  apostrophes and the wide characters of East Asian keyboards are the plain ones.
#}
{% macro decoded_address(text) -%}
    {%- set invisible = "\u00ad\u200b-\u200f\u2060\ufeff" -%}
    {%- set blanks = "\u00a0\u2000-\u200a\u2028\u2029\u202f\u205f\u3000" -%}
    {%- set quotes = "\u00ab\u00bb\u201a-\u201f\u2039\u203a" -%}
    {%- set wide = "０１２３４５６７８９ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ＠．。，、；：／＿－＋‘’ʼ´" -%}
    {%- set plain = "0123456789abcdefghijklmnopqrstuvwxyz@..,,;:/_-+" -%}
    {%- set decoded -%}
        case
            when position('%' in {{ text }}) > 0 then lower({{ url_decoded(text) }})
            else {{ text }}
        end
    {%- endset -%}
    {%- set visible = replace_all(decoded, '[' ~ invisible ~ ']', '') -%}
    translate(
        {{ replace_all(visible, '[' ~ blanks ~ quotes ~ ']', ' ') }},
        '{{ wide }}',
        -- and four apostrophes
        '{{ plain }}' || repeat(chr(39), 4)
    )
{%- endmacro %}


{# The part of an email address after the "@", in lower case. Null if there is none. #}
{% macro email_domain(email) -%}
    nullif(split_part({{ email }}, '@', 2), '')
{%- endmacro %}


{# The first email address in a longer text, such as JSON. Null if there is none. #}
{% macro first_address(text) -%}
    nullif({{ first_match(text, '[^ "<>:;,@]+@[^ "<>:;,@]+[.][^ "<>:;,@]+') }}, '')
{%- endmacro %}
