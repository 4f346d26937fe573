{# One row per contact of the CRM, merged and deleted ones included. #}
-- depends_on: {{ ref('int_seed_check') }}
with

usable as (

    select * from {{ source('raw', 'crm_contacts') }}
    where {{ rejection_reason('created_at') }} is null

),

newest_loads as (

    {{ newest_loads('usable', 'crm_contacts') }}

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
        coalesce(created_at, loaded_at) as created_at,
        loaded_at,
        row_id

    from newest_loads

)

select * from final
