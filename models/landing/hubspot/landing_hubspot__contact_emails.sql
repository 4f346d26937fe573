{#
  One row per contact of HubSpot with its addresses; a merged one without any has the survivor's.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

contacts as (

    select * from (
        select
            contact_id,
            merged_into_contact_id,
            email,
            row_number() over (
                partition by contact_id
                order by loaded_at desc, row_id desc
            ) as load_rank

        from {{ ref('landing_hubspot__crm_contacts') }}
    ) as ranked_contacts
    where load_rank = 1

),

final as (

    select
        contacts.contact_id,
        coalesce(contacts.email, survivors.email) as email

    from contacts
    left join contacts as survivors
        on contacts.merged_into_contact_id = survivors.contact_id

)

select * from final
