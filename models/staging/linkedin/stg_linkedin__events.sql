{# One row per LinkedIn event. #}
with

usable as (

    select * from {{ ref('base_linkedin__events') }}
    where rejection_reason is null

),

final as (

    select
        event_id,
        lower(email) as email,
        {{ bare_domain('company_domain') }} as company_domain,
        lower(event_type) as event_type,
        campaign,
        occurred_at,
        loaded_at

    from usable

)

select * from final
