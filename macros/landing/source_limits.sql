{#
  The limits of each raw table, as a select with one row per table: source_table, allowed_days_late
  (null for no limit), is_required (nothing is published while it is late or has lost all its rows)
  and allowed_unusable_share (null for no limit). They come from `freshness.error_after`,
  `meta.optional` and `meta.on_time` in models/staging/_raw__sources.yml.
#}
{% macro source_limits() %}
{%- set days = {'minute': 1440, 'hour': 24, 'day': 1} -%}
{%- set rows = [] -%}
{%- for table in landing_contract() -%}
    {%- set limit = (table.freshness or {}).get('error_after') or {} -%}
    {%- set allowed = limit.count // days[limit.period] if limit.period else 'null' -%}
    {%- set is_required = table.config.meta.get('on_time') or not table.config.meta.get('optional') -%}
    {%- set share = var('most_unusable_share') | float if is_required else 'null' -%}
    {%- set row -%}
    select
        '{{ table.name }}' as source_table,
        -- lateness is counted in whole days, so 36 hours allow one
        cast({{ allowed }} as {{ dbt.type_int() }}) as allowed_days_late,
        cast({{ share }} as decimal(9, 4)) as allowed_unusable_share,
        {{ is_required | lower }} as is_required
    {%- endset -%}
    {%- do rows.append(row) -%}
{%- endfor -%}
{%- if not rows -%}
    {#- while dbt parses -#}
    {%- do rows.append(
        "select '' as source_table, cast(null as integer) as allowed_days_late,"
        ~ " cast(null as decimal(9, 4)) as allowed_unusable_share, true as is_required"
    ) -%}
{%- endif -%}
{{ rows | join('\nunion all\n') }}
{% endmacro %}
