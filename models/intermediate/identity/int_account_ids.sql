{#
  One row per text that names an account of the CRM, with the live account it leads to. That is the
  account itself, or the one it was merged into. A null account_id means it leads only to deleted
  accounts.
#}
with recursive

accounts as (

    select * from {{ ref('stg_crm__accounts') }}
    where not {{ is_placeholder('account_id') }}

),

links as (

    {{ merge_links('accounts', 'account_id', 'merged_into_account_id') }}

),

steps as (

    {{ chain_steps('links') }}

),

ends as (

    {{ chain_ends() }}

),

survivors as (

    select
        ends.id as account_id,
        -- null: the account is deleted
        case when not accounts.is_deleted then ends.end_id end as survivor_account_id

    from ends
    inner join accounts on ends.end_id = accounts.account_id

),

seen_texts as (

    select account_id as account_id_text from {{ ref('stg_crm__accounts') }}
    union distinct
    select parent_account_id as account_id_text from {{ ref('stg_crm__accounts') }}
    union distinct
    select merged_into_account_id as account_id_text from {{ ref('stg_crm__accounts') }}
    union distinct
    select account_id as account_id_text from {{ ref('stg_crm__account_domains') }}
    union distinct
    select account_id as account_id_text from {{ ref('stg_crm__contact_loads') }}
    union distinct
    select account_id as account_id_text from {{ ref('stg_crm__opportunities') }}
    union distinct
    select account_id as account_id_text from {{ ref('int_events') }}

),

final as (

    {{ named_records('seen_texts', 'account_id_text', 'survivors', 'account_id') }}

)

select * from final
