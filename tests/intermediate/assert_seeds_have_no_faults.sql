-- The seeds keep the rules of seeds/_seeds.yml; each row says file, row, fault and what to do.
select * from {{ ref('int_seed_faults') }}
