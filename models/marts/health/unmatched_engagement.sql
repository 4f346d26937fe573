{# One row per channel, event type, reason and domain of events without an account. #}
with

events as (

    select
        *,
        coalesce({{ email_domain('email') }}, company_domain) as domain

    from {{ ref('int_event_identities') }}
    where account_id is null

),

reasons as (

    select
        events.*,
        case
            when events.is_own or domains.domain_kind = 'own' then 'our own people'
            when contacts.contact_id is not null and coalesce(domains.domain_kind, '') <> 'company'
                then 'the contact has no account'
            when domains.domain_kind = 'free_mail' then 'free-mail address that is not in the CRM'
            when domains.domain_kind = 'public_suffix' then 'the domain is a public suffix'
            when domains.domain_kind = 'shared_host' then 'the domain is shared by many companies'
            when events.domain is not null then 'no account has this domain'
            when events.channel in ('sales', 'product') then 'no id on the row is in the CRM'
            when events.visitor_id is not null then 'anonymous visitor'
            else 'no id, email, visitor or domain on the row'
        end as reason

    from events
    left join {{ ref('int_domains') }} as domains on events.domain = domains.domain
    left join {{ ref('int_contacts') }} as contacts on events.person_id = contacts.contact_id

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
