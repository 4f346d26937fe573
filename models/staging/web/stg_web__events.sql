{#
  One row per usable load of a web event. An event that was loaded twice has two rows. The URL is
  reduced to its path.
#}
with

usable as (

    select
        *,
        {{ plain_path('page_url') }} as plain_path

    from {{ contract_rows('web_events') }}
    where {{ rejection_reason('web_events') }} is null

),

final as (

    select
        event_id,
        visitor_id,
        lower(email) as email,
        lower(company_domain) as company_domain,
        {{ one_spelling('event_type') }} as event_type,
        {{ tidy_path('plain_path') }} as page_path,
        campaign,
        duration_seconds,
        lower(user_agent) as user_agent,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
