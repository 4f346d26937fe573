{# One row per sales activity. #}
with

usable as (

    select * from {{ ref('base_crm__activities') }}
    where rejection_reason is null

),

final as (

    select
        activity_id as event_id,
        account_id,
        contact_id,
        lower(activity_type) as event_type,
        lower(outcome) as outcome,
        occurred_at,
        loaded_at

    from usable

)

select * from final
