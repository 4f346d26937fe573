{#
  One row per usable load of a contact. Older loads show which account the person belonged to
  before.
#}
with

usable as (

    select * from {{ contract_rows('crm_contacts') }}
    where {{ rejection_reason('crm_contacts') }} is null

),

ranked_loads as (

    {{ ranked_loads('usable', 'crm_contacts') }}

),

final as (

    select
        contact_id,
        load_rank,
        account_id,
        merged_into_contact_id,
        lower(email) as email,
        full_name,
        job_title,
        coalesce(is_deleted, false) as is_deleted,
        coalesce(created_at, min(loaded_at) over (partition by contact_id)) as created_at,
        loaded_at,
        row_id

    from ranked_loads

)

select * from final
