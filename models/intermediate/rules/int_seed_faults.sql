{# One row per fault in the scoring seeds; `int_seed_check` ends the build if there is any. #}
{{ refuse_seed_columns() }}
-- depends_on: {{ ref('signal_tiers') }}, {{ ref('signal_overrides') }}, {{ ref('next_actions') }}
-- depends_on: {{ ref('machine_user_agents') }}, {{ ref('placeholders') }}, {{ ref('own_domains') }}
-- depends_on: {{ ref('role_mailboxes') }}, {{ ref('mailbox_rules') }}, {{ ref('domain_kinds') }}
-- depends_on: {{ ref('public_suffixes') }}, {{ ref('free_mail_domains') }}
-- depends_on: {{ ref('crawler_agents') }}
with

cell_faults as (

    {{ seed_column_faults() }}

),

final as (

    select * from cell_faults
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
