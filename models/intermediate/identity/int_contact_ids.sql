{#
  One row per text in which a row names a contact of the CRM, and the live contact it leads to. Null
  contact_id: only to deleted ones.
#}
with

survivors as (

    select * from {{ ref('int_contact_survivors') }}

),

seen_texts as (

    select contact_id as contact_id_text from {{ ref('stg_crm__contacts') }}
    union
    select merged_into_contact_id as contact_id_text from {{ ref('stg_crm__contacts') }}
    union
    select contact_id as contact_id_text from {{ ref('int_events') }}

),

final as (

    {{ named_records('seen_texts', 'contact_id_text', 'survivors', 'contact_id') }}

)

select * from final
