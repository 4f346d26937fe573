{#
  One row per text that names a contact of the CRM, with the live contact it leads to. That is the
  contact itself, or the one it was merged into. A null contact_id means it leads only to deleted
  contacts.
#}
with recursive

contacts as (

    select * from {{ ref('stg_crm__contacts') }}
    where not {{ is_placeholder('contact_id') }}

),

links as (

    {{ merge_links('contacts', 'contact_id', 'merged_into_contact_id') }}

),

steps as (

    {{ chain_steps('links') }}

),

ends as (

    {{ chain_ends() }}

),

survivors as (

    select
        ends.id as contact_id,
        -- null: the contact is deleted
        case when not contacts.is_deleted then ends.end_id end as survivor_contact_id

    from ends
    inner join contacts on ends.end_id = contacts.contact_id

),

seen_texts as (

    select contact_id as contact_id_text from {{ ref('stg_crm__contacts') }}
    union distinct
    select merged_into_contact_id as contact_id_text from {{ ref('stg_crm__contacts') }}
    union distinct
    select contact_id as contact_id_text from {{ ref('int_events') }}

),

final as (

    {{ named_records('seen_texts', 'contact_id_text', 'survivors', 'contact_id') }}

)

select * from final
