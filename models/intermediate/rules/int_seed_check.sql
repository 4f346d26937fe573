{#
  One row: the scoring seeds are sound. Every model that reads raw data depends on this one, and this
  one fails with a message per fault, so that nothing is ever built from refused seeds.
#}
{{ refuse_faulty_seeds(ref('int_seed_faults')) }}
select count(*) as fault_count from {{ ref('int_seed_faults') }}
