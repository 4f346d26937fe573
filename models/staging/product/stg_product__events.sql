{#
  One row per usable load of an event of your product. An event that was loaded twice has two rows.
#}
with

usable as (

    select * from {{ contract_rows('product_events') }}
    where {{ rejection_reason('product_events') }} is null

),

final as (

    select
        event_id,
        account_id,
        lower(email) as email,
        {{ one_spelling('event_type') }} as event_type,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
