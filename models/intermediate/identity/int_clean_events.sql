{#
  One row per event that isn't removed, in our words. Mailbox and host have one spelling, and
  placeholders are null. It is a view, because the other columns stay as loaded.
#}
{{ config(materialized=for_many_readers()) }}
with

final as (

    select
        events.channel,
        events.source_table,
        events.event_id,
        events.event_key,
        words.event_type,
        events.event_kind,
        events.account_id,
        events.contact_id,
        case when no_visitors.value is null then events.visitor_id end as visitor_id,
        addresses.email,
        websites.host as company_domain,
        case when no_campaigns.value is null then events.campaign end as campaign,
        events.asset,
        words.outcome,
        events.user_agent,
        events.value,
        events.occurred_at,
        cast(events.occurred_at as date) as occurred_on

    from {{ ref('int_events') }} as events
    left join {{ ref('int_event_words') }} as words on events.word_key = words.word_key
    left join {{ ref('placeholders') }} as no_visitors
        on lower(events.visitor_id) = no_visitors.value
    left join {{ ref('placeholders') }} as no_campaigns
        on lower(events.campaign) = no_campaigns.value
    left join {{ ref('int_addresses') }} as addresses
        on events.email = addresses.email_text and addresses.value_rank = 1
    left join {{ ref('int_websites') }} as websites
        on events.company_domain = websites.website_text and websites.value_rank = 1
    where not events.is_removed

)

select * from final
