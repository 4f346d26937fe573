{# One row per usable load of an ad platform event. An event that was loaded twice has two rows. #}
with

usable as (

    select * from {{ contract_rows('ad_events') }}
    where {{ rejection_reason('ad_events') }} is null

),

final as (

    select
        event_id,
        visitor_id,
        lower(email) as email,
        lower(company_domain) as company_domain,
        {{ one_spelling('event_type') }} as event_type,
        campaign,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
