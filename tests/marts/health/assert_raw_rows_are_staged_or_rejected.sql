-- Every raw row is accounted for: staged + rejected = raw, per source, and every rejected row is
-- listed.
with

listed as (

    select
        source_table,
        count(*) as listed_rows

    from {{ ref('rejected_records') }}
    group by source_table

),

final as (

    select
        coverage.source_table,
        coverage.raw_rows,
        coverage.staged_rows,
        coverage.rejected_rows,
        listed.listed_rows

    from {{ ref('source_coverage') }} as coverage
    left join listed on coverage.source_table = listed.source_table
    where
        coverage.raw_rows <> coverage.staged_rows + coverage.rejected_rows
        or coverage.rejected_rows <> coalesce(listed.listed_rows, 0)

)

select * from final
