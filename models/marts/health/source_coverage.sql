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
        count(*) as raw_rows

    from {{ source('raw', table.name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

unreadable as (

    -- lines of a file that are no row, so that no view of it counts them
    select
        source_table,
        count(*) as unreadable_lines

    from {{ source('landing', 'unreadable_lines') }}
    group by source_table

),

landed as (

    {% for table in tables %}
    select
        '{{ table.name }}' as source_table,
        {{ table.is_event }} as is_event,
        sum(case when rejection_reason is null then 1 else 0 end) as staged_rows,
        sum(case when rejection_reason is not null then 1 else 0 end) as rejected_rows,
        sum(unreadable_values) as unreadable_values,
        min(case when rejection_reason is null then {{ table.happened_at }} end)
            as first_occurred_at,
        max(case when rejection_reason is null then {{ table.happened_at }} end)
            as last_occurred_at,
        max(case when rejection_reason is null then loaded_at end) as last_loaded_at

    from {{ ref(table.model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

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
        raw_counts.source_table,
        cast(
            raw_counts.raw_rows + coalesce(unreadable.unreadable_lines, 0)
            as {{ dbt.type_bigint() }}
        ) as raw_rows,
        cast(coalesce(landed.staged_rows, 0) as {{ dbt.type_bigint() }}) as staged_rows,
        cast(
            coalesce(landed.rejected_rows, 0) + coalesce(unreadable.unreadable_lines, 0)
            as {{ dbt.type_bigint() }}
        ) as rejected_rows,
        cast(coalesce(landed.unreadable_values, 0) as {{ dbt.type_bigint() }}) as unreadable_values,
        -- null: a CRM table, whose rows are no events
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
        landed.first_occurred_at,
        landed.last_occurred_at,
        landed.last_loaded_at,
        {{ days_between('landed.last_loaded_at', 'as_of.as_of_date') }} as days_late,
        limits.allowed_days_late,
        limits.is_required

    from raw_counts
    cross join as_of
    inner join limits on raw_counts.source_table = limits.source_table
    inner join landed on raw_counts.source_table = landed.source_table
    left join matched on raw_counts.source_table = matched.source_table
    left join unreadable on raw_counts.source_table = unreadable.source_table

)

select * from final
