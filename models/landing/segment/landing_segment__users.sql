{#
  One row per email address that was reported of a Segment user, from that moment to the next report.
  The first one also counts before.
#}
{{ config(enabled=is_vendor_on('segment'), materialized='table') }}
with

addresses as (

    select
        {{ without_decimals('profiles.id') }} as user_id,
        profiles.email,
        {{ segment_loaded_at('profiles') }} as told_at

    from {{ raw_table('users', 'segment', 'profiles') }}

    union all

    select
        {{ without_decimals('identifies.user_id') }} as user_id,
        coalesce(identifies.email, identifies.context_traits_email) as email,
        {{ segment_occurred_at('identifies') }} as told_at

    from {{ raw_table('identifies', 'segment', 'identifies') }}

),

ranked_addresses as (

    select
        user_id,
        email,
        coalesce(told_at, {{ start_of_time() }}) as told_at,
        row_number() over (
            partition by user_id order by coalesce(told_at, {{ start_of_time() }}), email desc
        ) as address_rank

    from addresses
    where user_id is not null and email is not null

),

final as (

    select
        user_id,
        email,
        case when address_rank = 1 then {{ start_of_time() }} else told_at end as valid_from,
        coalesce(
            lead(told_at) over (partition by user_id order by address_rank), {{ end_of_time() }}
        ) as valid_until

    from ranked_addresses

)

select * from final
