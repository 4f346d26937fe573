{#
  One row per visitor and stretch of time in which one email is the last one known. The first
  stretch has a twin before it, without a start: what happened there is stitched back once the
  visitor is known.
#}
with

identifications as (

    select
        visitor_id,
        email,
        occurred_at

    from {{ ref('stg_web__events') }}
    where visitor_id is not null and email is not null

    union all

    select
        visitor_id,
        email,
        occurred_at

    from {{ ref('stg_ads__events') }}
    where visitor_id is not null and email is not null

),

moments as (

    -- two emails in the same moment: the first by name
    select
        visitor_id,
        occurred_at as identified_at,
        min(email) as email

    from identifications
    group by visitor_id, occurred_at

),

changes as (

    select
        visitor_id,
        email,
        identified_at,
        lag(email) over (partition by visitor_id order by identified_at) as email_before

    from moments

),

stretches as (

    select
        visitor_id,
        email,
        identified_at,
        lead(identified_at) over (
            partition by visitor_id
            order by identified_at
        ) as next_identified_at,
        email_before is null as is_first

    from changes
    where email_before is null or email_before <> email

),

final as (

    select
        visitor_id,
        email,
        identified_at as valid_from,
        next_identified_at as valid_until,
        cast(null as {{ dbt.type_timestamp() }}) as known_at

    from stretches

    union all

    select
        visitor_id,
        email,
        cast(null as {{ dbt.type_timestamp() }}) as valid_from,
        identified_at as valid_until,
        identified_at as known_at

    from stretches
    where is_first

)

select * from final
