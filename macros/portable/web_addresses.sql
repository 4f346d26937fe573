{# The part of an email address behind the "@", lower case. Null: no such part. #}
{% macro email_domain(email) -%}
    nullif(split_part({{ email }}, '@', 2), '')
{%- endmacro %}


{#
  The bare host of a domain or URL, lower case, without "www.": 'https://www.Acme.com/x' ->
  'acme.com'. Null: empty.
#}
{% macro bare_domain(expression) -%}
    {%- set host -%}
    split_part(split_part(
        case
            when position('://' in {{ expression }}) > 0
                then split_part(lower({{ expression }}), '://', 2)
            else lower({{ expression }})
        end, '/', 1
    ), ':', 1)
    {%- endset -%}
    nullif(
        case
            when substr({{ host }}, 1, 4) = 'www.' then substr({{ host }}, 5)
            else {{ host }}
        end, ''
    )
{%- endmacro %}


{#
  The path of a URL, lower case, without host, query, fragment and closing slash:
  'https://acme.com/Pricing/?a=1' -> '/pricing', 'https://acme.com' -> '/'. Null: no URL.
#}
{% macro url_path(url) -%}
    {#- the address is looked at once: it is the longest text there is, on every page view -#}
    case
        when {{ url }} is not null
            then coalesce(
                nullif(
                    rtrim(
                        regexp_replace(
                            lower(split_part(split_part({{ url }}, '?', 1), '#', 1)),
                            '^([^/]*://)?[^/]*',
                            ''
                        ),
                        '/'
                    ),
                    ''
                ),
                '/'
            )
    end
{%- endmacro %}


{#
  The address of an account's page: `pattern` with the account id in the place of "{account_id}", its
  characters that mean something in an address encoded. Null: the pattern is empty.
#}
{% macro account_address(pattern, account_id) -%}
    {#- the percent sign first: the others bring new ones -#}
    {%- set codes = [
        ('%', '%25'), (' ', '%20'), ('"', '%22'), ('#', '%23'), ('&', '%26'), ('+', '%2B'),
        ('/', '%2F'), ('<', '%3C'), ('>', '%3E'), ('?', '%3F'),
    ] -%}
    {%- set encoded -%}
        {{ 'replace(' * (codes | length) }}{{ account_id }}
        {%- for character, code in codes %}, '{{ character }}', '{{ code }}'){% endfor -%}
    {%- endset -%}
    replace({{ text_literal(pattern) }}, '{account_id}', {{ encoded }})
{%- endmacro %}
