{#
  One row per usable load of an email event. An event that was loaded twice has two rows. Machine
  opens are included; `int_event_identities` flags them. Links have no parameters.
#}
with

usable as (

    select
        *,
        {{ plain_path('link_url') }} as plain_path

    from {{ contract_rows('email_events') }}
    where {{ rejection_reason('email_events') }} is null

),

final as (

    select
        event_id,
        lower(email) as email,
        {{ one_spelling('event_type') }} as event_type,
        campaign,
        {{ link_host('link_url') }} || {{ tidy_path('plain_path') }} as link_url,
        lower(user_agent) as user_agent,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
