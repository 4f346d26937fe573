{# One row per contact of the CRM, merged and deleted ones included. #}
with

usable as (

    select * from {{ ref('base_crm__contacts') }}
    where rejection_reason is null

),

final as (

    select
        contact_id,
        account_id,
        merged_into_contact_id,
        lower(email) as email,
        full_name,
        job_title,
        coalesce(is_deleted, false) as is_deleted,
        created_at,
        loaded_at

    from usable

)

select * from final
