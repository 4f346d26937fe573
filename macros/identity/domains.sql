{#
  The recursive part of taking each row of the CTE `domains` (domain) apart: one row per ending of a
  domain that begins at a label, such as mail.acme.com, acme.com and com of mail.acme.com.
  `longer_ending` has one label more (null: the ending is the whole domain). The CTE it stands in is
  called `endings`.
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
