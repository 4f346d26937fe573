{#
  One row per open, click or reply that a machine made, judged by timing. It happened within seconds
  of sending or delivery to the same address, or was one of many links clicked at once. A day is
  judged by what had happened by its end. A click after midnight is compared with those before, but
  never changes how they were judged.
#}
{% set delivery_seconds = var('scanner_delivery_seconds') | int %}
{% set burst_seconds = var('scanner_burst_seconds') | int %}
with

email_events as (

    select
        event_key,
        email,
        lower(campaign) as campaign,
        asset,
        event_type,
        occurred_at,
        occurred_on

    from {{ ref('int_clean_events') }}
    where channel = 'email' and email is not null

),

deliveries as (

    select
        *,
        {{ time_bucket('occurred_at', delivery_seconds + 1) }} as bucket

    from email_events
    where event_type in ('sent', 'delivered')

),

offsets as (

    -- events close in time are in the same bucket, or in an adjacent one
    select -1 as bucket_offset
    union all
    select 0 as bucket_offset
    union all
    select 1 as bucket_offset

),

reactions as (

    select
        email_events.*,
        {{ time_bucket('email_events.occurred_at', delivery_seconds + 1) }} + offsets.bucket_offset
            as bucket

    from email_events
    cross join offsets
    where email_events.event_type in ('open', 'click', 'reply')

),

at_delivery as (

    select distinct
        reactions.event_key,
        'at_delivery' as machine_reason

    from reactions
    inner join deliveries
        on reactions.email = deliveries.email and reactions.bucket = deliveries.bucket
    where
        (
            reactions.occurred_at >= deliveries.occurred_at
            and reactions.occurred_at
            <= {{ add_seconds('deliveries.occurred_at', delivery_seconds) }}
            and coalesce(reactions.campaign = deliveries.campaign, true)
        )
        -- a scanner can finish before the delivery is recorded. But a click can also trigger
        -- another email, so only the same campaign counts.
        or (
            reactions.occurred_at < deliveries.occurred_at
            and deliveries.occurred_at
            <= {{ add_seconds('reactions.occurred_at', delivery_seconds) }}
            and reactions.campaign = deliveries.campaign
            and reactions.occurred_on = deliveries.occurred_on
        )

),

clicks as (

    select
        *,
        {{ time_bucket('occurred_at', burst_seconds + 1) }} as bucket

    from email_events
    where event_type = 'click'

),

click_pairs as (

    -- each click with the clicks in the seconds after it
    select
        firsts.event_key as first_event_key,
        firsts.occurred_on as first_occurred_on,
        clicks.event_key,
        clicks.occurred_on,
        clicks.asset

    from clicks as firsts
    cross join offsets
    inner join clicks
        on
            firsts.email = clicks.email
            and firsts.bucket + offsets.bucket_offset = clicks.bucket
    where
        offsets.bucket_offset >= 0
        and clicks.occurred_at >= firsts.occurred_at
        and clicks.occurred_at <= {{ add_seconds('firsts.occurred_at', burst_seconds) }}

),

bursts as (

    select
        first_event_key,
        count(distinct case when occurred_on = first_occurred_on then asset end) as links_that_day,
        count(distinct asset) as links

    from click_pairs
    group by first_event_key

),

final as (

    select * from at_delivery

    union all

    select distinct
        click_pairs.event_key,
        'many_links' as machine_reason

    from click_pairs
    inner join bursts on click_pairs.first_event_key = bursts.first_event_key
    left join at_delivery on click_pairs.event_key = at_delivery.event_key
    where
        case
            when click_pairs.occurred_on = click_pairs.first_occurred_on then bursts.links_that_day
            else bursts.links
        end >= {{ var('scanner_burst_links') | int }}
        and at_delivery.event_key is null

)

select * from final
