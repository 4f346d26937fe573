{# One row per Salesforce contact and lead, with its email address. #}
{{ config(enabled=is_vendor_on('salesforce'), materialized='table') }}
with

contacts as (

    {{ newest_rows('salesforce', 'contact', 'id') }}

),

leads as (

    {{ newest_rows('salesforce', 'lead', 'id') }}

),

final as (

    select
        record_key as contact_key,
        min(email) as email

    from (
        select
            record_key,
            email

        from contacts
        union all
        select
            record_key,
            email

        from leads
    ) as people
    where record_key is not null and email is not null
    group by record_key

)

select * from final
