{#
  One row per channel, event type, reason and domain of events that no account could be found for.
#}
with

events as (

    select
        *,
        coalesce({{ email_domain('email') }}, company_domain) as domain

    from {{ ref('int_event_identities') }}
    where account_id is null

),

free_domains as (

    select domain as free_domain from {{ ref('free_email_domains') }}

),

reasons as (

    select
        events.*,
        case
            when free_domains.free_domain is not null then 'free-mail address of nobody in the CRM'
            when events.domain is not null then 'no account has this domain'
            when events.channel in ('sales', 'product') then 'the ids on the row are not in the CRM'
            when events.visitor_id is not null then 'anonymous visitor'
            else 'no id, email, visitor or domain on the row'
        end as reason

    from events
    left join free_domains on events.domain = free_domains.free_domain

),

final as (

    select
        channel,
        source_table,
        event_type,
        reason,
        domain,
        cast(count(*) as integer) as event_count,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at

    from reasons
    group by channel, source_table, event_type, reason, domain

)

select * from final
