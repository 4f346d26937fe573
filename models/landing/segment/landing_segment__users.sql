{# One row per Segment user with an email address, the last one reported. #}
{{ config(enabled=is_vendor_on('segment'), materialized='table') }}
with

addresses as (

    select
        {{ id_key('profiles.id') }} as user_id,
        profiles.email,
        {{ segment_loaded_at('profiles') }} as told_at

    from {{ raw_table('users', 'segment', 'profiles') }}

    union all

    select
        {{ id_key('identifies.user_id') }} as user_id,
        coalesce(identifies.email, identifies.context_traits_email) as email,
        {{ segment_occurred_at('identifies') }} as told_at

    from {{ raw_table('identifies', 'segment', 'identifies') }}

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
