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
