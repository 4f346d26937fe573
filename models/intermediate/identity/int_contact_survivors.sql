{#
  One row per contact of the CRM, merged and deleted ones included, and the live contact that stands
  for it.
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

final as (

    select
        ends.id as contact_id,
        -- null: the contact stands for nobody
        case when not contacts.is_deleted then ends.end_id end as survivor_contact_id

    from ends
    inner join contacts on ends.end_id = contacts.contact_id

)

select * from final
