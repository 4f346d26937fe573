{#
  One row per visitor and range of days with the same last known email at the end of each day. The
  first range has no start: visits before `known_on` are stitched back to the email, and count as
  identified from that day on.
#}
with

identifications as (

    select
        visitor_id,
        email,
        cast(occurred_at as date) as identified_on,
        max(occurred_at) as last_identified_at

    from {{ ref('int_clean_events') }}
    where visitor_id is not null and email is not null
    group by visitor_id, email, cast(occurred_at as date)

),

ranked_emails as (

    -- if two emails have the same time: the first by name
    select
        visitor_id,
        email,
        identified_on,
        row_number() over (
            partition by visitor_id, identified_on
            order by last_identified_at desc, email
        ) as email_rank

    from identifications

),

day_emails as (

    select
        visitor_id,
        email,
        identified_on,
        lag(email) over (partition by visitor_id order by identified_on) as previous_email

    from ranked_emails
    where email_rank = 1

),

final as (

    select
        visitor_id,
        email,
        case when previous_email is null then {{ first_day() }} else identified_on end
            as valid_from,
        lead(identified_on, 1, {{ last_day() }}) over (
            partition by visitor_id
            order by identified_on
        ) as valid_until,
        identified_on as known_on

    from day_emails
    where previous_email is null or previous_email <> email

)

select * from final
