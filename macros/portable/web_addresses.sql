{#
  A pattern for the scheme and host at the start of an address. Without a scheme, a host has a dot or a
  port. So '//pricing' and 'pricing' are paths.
#}
{% macro scheme_and_host() -%}
    ^([^/?#]*://[^/?#]*|(//)?[^/?#]*[.:][^/?#]*)?
{%- endmacro %}


{#
  The path of a page in lower case, without host and query. A fragment that is a route is part of it:
  'https://acme.com/#/Pricing' -> '//pricing'. Null if there is no URL.
#}
{% macro plain_path(url) -%}
    {{ replace_first(
        'lower(split_part(split_part(' ~ url ~ ", '#', 1), '?', 1))", scheme_and_host() ~ '/?', '/'
    ) }} || case
        when position('#/' in {{ url }}) > 0 or position('#!' in {{ url }}) > 0
            then '/' || lower(split_part({{ without_leading('split_part(' ~ url ~ ", '#', 2)", '!/') }}, '?', 1))
        else ''
    end
{%- endmacro %}


{#
  A path in one spelling: '/pricing/', '/pricing;jsessionid=1', '/pricing&utm_source=x', '//pricing.php',
  '/pricing/index.html' and '/pri%63ing%3Fa=1' -> '/pricing'; '' -> '/'. Null if there is no path. Most
  paths only need their end tidied.
#}
{% macro tidy_path(path) -%}
    coalesce(
        nullif(
            {% set tidied %}
                case
                    when
                        position('//' in {{ path }}) > 0 or position(';' in {{ path }}) > 0
                        or position('%' in {{ path }}) > 0 or position('.' in {{ path }}) > 0
                        or position('&' in {{ path }}) > 0
                        or {{ path }} like '%/index%' or {{ path }} like '%/default%'
                        then {{ replace_first(replace_first(
                            replace_all(replace_all(
                                'lower(' ~ url_decoded(path) ~ ')', ';[^/]*|[?&][^/?&=]+=.*$', ''
                            ), '/+', '/'),
                            '[.](html?|xhtml|shtml|php[0-9]?|aspx?|jspx?|cfm)(/|$)', '/'
                        ), '/(index|default)(/|$)', '/') }}
                    else {{ path }}
                end
            {% endset %}
            {{ without_trailing(tidied, '/ ') }}, ''
        ), case when {{ path }} is not null then '/' end
    )
{%- endmacro %}


{#
  The path of a page without the language at its start: '/en/pricing', '/en-us/pricing' and
  '/us/en/pricing' -> '/pricing'. It removes `segments` such segments; a path without them is
  unchanged.
#}
{% macro without_language(path, segments) -%}
    {%- set language = '(/[a-z][a-z]([-_]([a-z][a-z]|[a-z]{4}|[0-9]{3}))?)' -%}
    {{ replace_first(path, '^' ~ language * segments ~ '(/|$)', '/') }}
{%- endmacro %}


{#
  The scheme and host of a link in lower case: 'https://Acme.com/a?x=1' -> 'https://acme.com'. Empty if
  it begins with its path.
#}
{% macro link_host(url) -%}
    {{ first_match('lower(' ~ url ~ ')', scheme_and_host()) }}
{%- endmacro %}


{#
  The link to an account's page: `pattern` with "{account_id}" replaced by the id. Characters with a
  meaning in URLs are encoded. Null if the pattern is empty.
#}
{% macro account_address(pattern, account_id) -%}
    {#- encode the percent sign first, because the other codes contain it -#}
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
