{# One row per event of the web tracker. #}
with

usable as (

    select * from {{ ref('base_web__events') }}
    where rejection_reason is null

),

final as (

    select
        event_id,
        visitor_id,
        lower(email) as email,
        {{ bare_domain('company_domain') }} as company_domain,
        lower(event_type) as event_type,
        {{ url_path('page_url') }} as page_path,
        campaign,
        duration_seconds,
        occurred_at,
        loaded_at

    from usable

)

select * from final
