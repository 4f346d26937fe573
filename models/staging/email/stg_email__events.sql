{# One row per usable load of an event of the email tool. #}
with

usable as (

    select * from {{ contract_rows('email_events') }}
    where {{ rejection_reason('email_events') }} is null

),

final as (

    select
        event_id,
        lower(email) as email,
        {{ one_spelling('event_type') }} as event_type,
        campaign,
        {{ link_address('link_url') }} as link_url,
        lower(user_agent) as user_agent,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
