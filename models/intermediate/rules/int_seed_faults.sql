{# One row per fault in the scoring seeds; `int_seed_check` ends the build if there is any. #}
{{ refuse_seed_columns() }}
with

final as (

    select * from {{ ref('int_seed_cell_faults') }}
    union all
    select * from {{ ref('int_seed_signal_faults') }}
    union all
    select * from {{ ref('int_seed_word_faults') }}
    union all
    select * from {{ ref('int_seed_pattern_faults') }}
    union all
    select * from {{ ref('int_seed_bound_faults') }}

)

select * from final
