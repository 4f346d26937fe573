{#
  One row per text that names an account of the CRM, with the live account it leads to. That is the
  account itself, or the one it was merged into. A null account_id means it leads only to deleted
  accounts.
#}
with recursive

accounts as {{ computed_once() }} (

    select
        *,
        {{ id_key('account_id') }} as id_key,
        {{ id_key('merged_into_account_id') }} as merged_into_key

    from {{ ref('stg_crm__accounts') }}
    where not {{ is_placeholder('account_id') }}

),

links as (

    {{ merge_links('accounts', 'account_id') }}

),

steps as (

    {{ chain_steps('links') }}

),

ends as (

    {{ chain_ends() }}

),

survivors as (

    select
        merged.id_key,
        -- null: the account is deleted
        case when not kept.is_deleted then ends.end_id end as account_id

    from ends
    inner join accounts as merged on ends.id = merged.account_id
    inner join accounts as kept on ends.end_id = kept.account_id

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
