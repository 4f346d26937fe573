{#
  One row per text in which a row names an account of the CRM, and the live account it leads to. Null
  account_id: only to deleted ones.
#}
with

survivors as (

    select * from {{ ref('int_account_survivors') }}

),

seen_texts as (

    select account_id as account_id_text from {{ ref('stg_crm__accounts') }}
    union
    select parent_account_id as account_id_text from {{ ref('stg_crm__accounts') }}
    union
    select merged_into_account_id as account_id_text from {{ ref('stg_crm__accounts') }}
    union
    select account_id as account_id_text from {{ ref('stg_crm__account_domains') }}
    union
    select account_id as account_id_text from {{ ref('stg_crm__contact_loads') }}
    union
    select account_id as account_id_text from {{ ref('stg_crm__opportunities') }}
    union
    select account_id as account_id_text from {{ ref('int_events') }}

),

final as (

    {{ named_records('seen_texts', 'account_id_text', 'survivors', 'account_id') }}

)

select * from final
