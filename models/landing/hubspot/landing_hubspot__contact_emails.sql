{# One row per contact of HubSpot that has an address, with the first one. #}
{{ config(enabled=is_vendor_on('hubspot')) }}
with

contacts as (

    {{ newest_rows('hubspot', 'contact', 'id') }}

),

final as (

    select
        id as contact_id,
        property_email as email

    from contacts
    where property_email is not null

)

select * from final
