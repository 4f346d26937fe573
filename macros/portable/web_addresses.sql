{#
  The path of a page as it stands in its address, lower case, without host and query. A fragment that
  is a route belongs to it: 'https://acme.com/#/Pricing' -> '//pricing'. Null: no URL.
#}
{% macro plain_path(url) -%}
    {{ replace_first(
        'lower(split_part(split_part(' ~ url ~ ", '#', 1), '?', 1))", '^(([^/]*:)?//)?[^/]*', ''
    ) }} || case
        when position('#/' in {{ url }}) > 0 or position('#!' in {{ url }}) > 0
            then '/' || lower(split_part(trim(leading '!/' from split_part({{ url }}, '#', 2)), '?', 1))
        else ''
    end
{%- endmacro %}


{#
  A path such that all spellings of a page have the same one: '/pricing/', '/pricing;jsessionid=1',
  '/pricing/index.html', '//pricing.php' and '/pri%63ing' -> '/pricing'; '' -> '/'. Null: no path.
  Most paths have nothing to tidy but their end.
#}
{% macro tidy_path(path) -%}
    coalesce(
        nullif(
            trim(trailing '/ ' from
                case
                    when
                        position('//' in {{ path }}) > 0 or position(';' in {{ path }}) > 0
                        or position('%' in {{ path }}) > 0 or position('.' in {{ path }}) > 0
                        or {{ path }} like '%/index%' or {{ path }} like '%/default%'
                        then {{ replace_first(replace_first(
                            replace_all(replace_all(
                                'lower(' ~ url_decoded(path) ~ ')', ';[^/]*', ''
                            ), '/+', '/'),
                            '[.](html?|xhtml|shtml|php[0-9]?|aspx?|jspx?|cfm)(/|$)', '/'
                        ), '/(index|default)(/|$)', '/') }}
                    else {{ path }}
                end
            ), ''
        ), case when {{ path }} is not null then '/' end
    )
{%- endmacro %}


{#
  The path of a page without the language that it begins with: '/en/pricing', '/en-us/pricing' and
  '/us/en/pricing' -> '/pricing', for as many as `segments` such segments. A path without one stays.
#}
{% macro without_language(path, segments) -%}
    {%- set language = '(/[a-z][a-z]([-_]([a-z][a-z]|[a-z]{4}|[0-9]{3}))?)' -%}
    {{ replace_first(path, '^' ~ language * segments ~ '(/|$)', '/') }}
{%- endmacro %}


{# A link without parameters, lower case: 'https://Acme.com/a?utm_source=x' -> 'https://acme.com/a'. #}
{% macro link_address(url) -%}
    {{ first_match('lower(' ~ url ~ ')', '^(([^/]*:)?//)?[^/?#]*') }} || {{ tidy_path(plain_path(url)) }}
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
