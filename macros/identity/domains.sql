{#
  The recursive part of splitting each row of the CTE `domains` (domain) into its endings, one row
  each: mail.acme.com, acme.com and com for mail.acme.com. `longer_ending` has one more label, and is
  null for the whole domain. The surrounding CTE is called `endings`.
#}
{% macro domain_endings(domains) -%}
    select
        domain,
        domain as ending,
        {{ null_text() }} as longer_ending

    from {{ domains }}

    union all

    select
        domain,
        substr(ending, position('.' in ending) + 1) as ending,
        ending as longer_ending

    from endings
    where position('.' in ending) > 0
{%- endmacro %}
