{# One row per fault in a single cell of a seed, by what seeds/_seeds.yml says of its column. #}
{{ config(materialized='ephemeral') }}
-- depends_on: {{ ref('signal_tiers') }}, {{ ref('signal_overrides') }}, {{ ref('next_actions') }}
-- depends_on: {{ ref('machine_user_agents') }}, {{ ref('placeholders') }}, {{ ref('own_domains') }}
-- depends_on: {{ ref('role_mailboxes') }}, {{ ref('mailbox_rules') }}, {{ ref('domain_kinds') }}
-- depends_on: {{ ref('public_suffixes') }}, {{ ref('free_mail_domains') }}
-- depends_on: {{ ref('crawler_agents') }}
with

final as (

    {{ seed_column_faults() }}

)

select * from final
