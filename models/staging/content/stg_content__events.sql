{#
  One row per usable load of a webinar or content event. An event that was loaded twice has two
  rows.
#}
with

usable as (

    select * from {{ contract_rows('content_events') }}
    where {{ rejection_reason('content_events') }} is null

),

final as (

    select
        event_id,
        lower(email) as email,
        {{ one_spelling('event_type') }} as event_type,
        lower(asset) as asset,
        campaign,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
