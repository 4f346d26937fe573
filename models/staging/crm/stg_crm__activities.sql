{# One row per usable load of a sales activity. An activity that was loaded twice has two rows. #}
{{ config(materialized='view') }}
with

usable as (

    select * from {{ contract_rows('crm_activities') }}
    where {{ rejection_reason('crm_activities') }} is null

),

final as (

    select
        activity_id as event_id,
        account_id,
        contact_id,
        lower(email) as email,
        {{ one_spelling('activity_type') }} as event_type,
        {{ one_spelling('outcome') }} as outcome,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
