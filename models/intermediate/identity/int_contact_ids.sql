{#
  One row per text that names a contact of the CRM, with the live contact it leads to. That is the
  contact itself, or the one it was merged into. A null contact_id means it leads only to deleted
  contacts.
#}
with recursive

contacts as {{ computed_once() }} (

    select
        *,
        {{ id_key('contact_id') }} as id_key,
        {{ id_key('merged_into_contact_id') }} as merged_into_key

    from {{ ref('stg_crm__contacts') }}
    where not {{ is_placeholder('contact_id') }}

),

links as (

    {{ merge_links('contacts', 'contact_id') }}

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
        -- null: the contact is deleted
        case when not kept.is_deleted then ends.end_id end as contact_id

    from ends
    inner join contacts as merged on ends.id = merged.contact_id
    inner join contacts as kept on ends.end_id = kept.contact_id

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
