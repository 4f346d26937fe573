{# One row per event of the webinar and content tools. #}
with

usable as (

    select * from {{ ref('base_content__events') }}
    where rejection_reason is null

),

final as (

    select
        event_id,
        lower(email) as email,
        lower(event_type) as event_type,
        lower(asset) as asset,
        campaign,
        occurred_at,
        loaded_at

    from usable

)

select * from final
