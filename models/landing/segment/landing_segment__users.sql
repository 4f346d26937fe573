{# One row per user of Segment with an address: the one that was told last. #}
{{ config(enabled=is_vendor_on('segment'), materialized='table') }}
with

addresses as (

    select
        id as user_id,
        email,
        {{ segment_loaded_at('users') }} as told_at

    from {{ raw_table('users', 'segment') }} as users

    union all

    select
        user_id,
        coalesce(email, context_traits_email) as email,
        {{ segment_occurred_at('identifies') }} as told_at

    from {{ raw_table('identifies', 'segment') }} as identifies

),

ranked_addresses as (

    select
        user_id,
        email,
        row_number() over (partition by user_id order by told_at desc, email) as address_rank

    from addresses
    where user_id is not null and email is not null

),

final as (

    select
        user_id,
        email

    from ranked_addresses
    where address_rank = 1

)

select * from final
