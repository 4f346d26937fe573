-- Every staged row is accounted for: matched + unmatched = staged, per source, and every unmatched
-- event is listed.
with

listed as (

    select
        source_table,
        sum(event_count) as listed_rows

    from {{ ref('unmatched_engagement') }}
    group by source_table

),

final as (

    select
        coverage.source_table,
        coverage.staged_rows,
        coverage.matched_rows,
        coverage.unmatched_rows,
        listed.listed_rows

    from {{ ref('source_coverage') }} as coverage
    left join listed on coverage.source_table = listed.source_table
    where
        -- crm_accounts holds the accounts themselves
        coverage.source_table <> 'crm_accounts'
        and (
            coverage.staged_rows
            <> coalesce(coverage.matched_rows, 0) + coalesce(coverage.unmatched_rows, 0)
            -- CRM tables have no machine rows, and aren't listed here
            or (
                coverage.machine_rows is not null
                and coalesce(coverage.unmatched_rows, 0) <> coalesce(listed.listed_rows, 0)
            )
        )

)

select * from final
