{# One row per opportunity of the CRM. #}
with

usable as (

    select * from {{ ref('base_crm__opportunities') }}
    where rejection_reason is null

),

final as (

    select
        opportunity_id,
        account_id,
        opportunity_name,
        lower(stage) as stage,
        amount_usd,
        coalesce(is_closed, false) as is_closed,
        coalesce(is_won, false) as is_won,
        created_at,
        closed_at,
        loaded_at

    from usable

)

select * from final
