{# One row per usable load of an event of the web tracker. #}
-- depends_on: {{ ref('int_seed_check') }}
with

usable as (

    select * from {{ source('raw', 'web_events') }}
    where {{ rejection_reason('occurred_at') }} is null

),

final as (

    select
        event_id,
        visitor_id,
        lower(email) as email,
        lower(company_domain) as company_domain,
        lower(event_type) as event_type,
        {{ url_path('page_url') }} as page_path,
        campaign,
        duration_seconds,
        lower(user_agent) as user_agent,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
