{# One row per event of the email tool. #}
with

usable as (

    select * from {{ ref('base_email__events') }}
    where rejection_reason is null

),

final as (

    select
        event_id,
        lower(email) as email,
        lower(event_type) as event_type,
        campaign,
        lower(link_url) as link_url,
        lower(user_agent) as user_agent,
        occurred_at,
        loaded_at

    from usable

)

select * from final
