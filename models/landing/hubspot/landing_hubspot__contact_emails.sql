{#
  One row per HubSpot contact, with its email addresses. A merged contact without an address gets
  the addresses of the contact it was merged into.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

contacts as (

    select * from (
        select
            {{ without_decimals('contact_id') }} as contact_key,
            {{ without_decimals('merged_into_contact_id') }} as survivor_key,
            email,
            row_number() over (
                partition by {{ without_decimals('contact_id') }}
                order by loaded_at desc, {{ by_content(raw_columns('crm_contacts')) }}
            ) as load_rank

        from {{ ref('landing_hubspot__crm_contacts') }}
    ) as ranked_contacts
    where load_rank = 1

),

final as (

    select
        contacts.contact_key,
        coalesce(contacts.email, survivors.email) as email

    from contacts
    left join contacts as survivors
        on contacts.survivor_key = survivors.contact_key

)

select * from final
