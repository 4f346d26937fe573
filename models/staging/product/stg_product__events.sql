{# One row per event of the product. #}
with

usable as (

    select * from {{ ref('base_product__events') }}
    where rejection_reason is null

),

final as (

    select
        event_id,
        account_id,
        lower(email) as email,
        lower(event_type) as event_type,
        occurred_at,
        loaded_at

    from usable

)

select * from final
