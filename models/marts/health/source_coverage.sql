{#
  One row per raw table: what arrived, what of it could be used, how late it is, and how much of it
  has an account.
#}
{% set tables = raw_tables() %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

limits as (

    {{ source_limits() }}

),

raw_counts as (

    -- counted at the source, so that a row lost on the way is noticed
    {% for table in tables %}
    select
        '{{ table.name }}' as source_table,
        {{ table.is_event }} as is_event,
        count(*) as raw_rows,
        count(landing_fault) as unusable_rows,
        sum(unreadable_values) as unreadable_values

    from {{ source('raw', table.name) }}
    union all
    {% endfor %}
    select
        source_table,
        source_table not in ('crm_accounts', 'crm_contacts', 'crm_opportunities') as is_event,
        count(*) as raw_rows,
        count(*) as unusable_rows,
        0 as unreadable_values

    from {{ source('landing', 'unreadable_lines') }}
    group by source_table

),

landed as (

    select
        source_table,
        is_event,
        sum(raw_rows) as raw_rows,
        sum(unusable_rows) as unusable_rows,
        sum(unreadable_values) as unreadable_values

    from raw_counts
    group by source_table, is_event

),

used as (

    select
        source_table,
        count(*) as staged_rows,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at,
        max(loaded_at) as last_loaded_at

    from {{ ref('int_events') }}
    where not is_removed
    group by source_table
    {% for table in tables if not table.is_event %}
    union all
    select
        '{{ table.name }}' as source_table,
        count(*) as staged_rows,
        min(created_at) as first_occurred_at,
        max(created_at) as last_occurred_at,
        max(loaded_at) as last_loaded_at

    from {{ ref(table.used) }}
    {% endfor %}

),

rejected as (

    select
        source_table,
        count(*) as rejected_rows

    from {{ ref('rejected_records') }}
    group by source_table

),

matched as (

    select
        source_table,
        count(*) as event_rows,
        sum(case when account_id is not null then 1 else 0 end) as matched_rows,
        sum(case when is_machine then 1 else 0 end) as machine_rows

    from {{ ref('int_event_identities') }}
    group by source_table

),

final as (

    select
        landed.source_table,
        cast(landed.raw_rows as {{ dbt.type_bigint() }}) as raw_rows,
        cast(coalesce(used.staged_rows, 0) as {{ dbt.type_bigint() }}) as staged_rows,
        cast(coalesce(rejected.rejected_rows, 0) as {{ dbt.type_bigint() }}) as rejected_rows,
        cast(landed.unusable_rows as {{ dbt.type_bigint() }}) as unusable_rows,
        cast(coalesce(landed.unreadable_values, 0) as {{ dbt.type_bigint() }}) as unreadable_values,
        -- null: a CRM table, whose rows are not events
        case
            when landed.is_event
                then cast(coalesce(matched.matched_rows, 0) as {{ dbt.type_bigint() }})
        end as matched_rows,
        case
            when landed.is_event
                then cast(
                    coalesce(matched.event_rows - matched.matched_rows, 0)
                    as {{ dbt.type_bigint() }}
                )
        end as unmatched_rows,
        case
            when landed.is_event
                then cast(coalesce(matched.machine_rows, 0) as {{ dbt.type_bigint() }})
        end as machine_rows,
        cast(matched.matched_rows * 1.0 / nullif(matched.event_rows, 0) as decimal(9, 4))
            as share_matched,
        used.first_occurred_at,
        used.last_occurred_at,
        used.last_loaded_at,
        {{ days_between('used.last_loaded_at', 'as_of.as_of_date') }} as days_late,
        limits.allowed_days_late,
        limits.allowed_unusable_share,
        limits.is_required

    from landed
    cross join as_of
    inner join limits on landed.source_table = limits.source_table
    left join used on landed.source_table = used.source_table
    left join rejected on landed.source_table = rejected.source_table
    left join matched on landed.source_table = matched.source_table

)

select * from final
