-- A row is replaced by another row of the same key only if there is one.
select * from {{ ref('rejected_records') }}
where rejection_reason like 'lost: %'
