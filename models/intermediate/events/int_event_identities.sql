{#
  One row per event: who it was, at which account, and how we know. A null account_id: unmatched. An
  event whose visitor was named on a later day has `known_on`; until then it belongs to nobody in
  particular at `anonymous_account_id`. A view: most events score nothing and are only counted.
#}
{{ config(materialized='view') }}
with

events as (

    select
        *,
        cast(occurred_at as date) as occurred_on

    from {{ ref('int_judged_events') }}

),

identified as (

    -- in the order of trust: ids on the row, email on the row, the visitor's email, company domain
    select
        events.*,
        row_accounts.account_id as row_account_id,
        survivors.contact_id is not null as has_row_contact,
        contacts.contact_id as row_contact_id,
        contacts.account_id as contact_account_id,
        contacts.persona as contact_persona,
        visitors.known_on as visitor_known_on,
        emails.person_id as email_person_id,
        emails.account_id as email_account_id,
        emails.persona as email_persona,
        case
            when emails.match_method = 'email' and events.email is null then 'visitor'
            else emails.match_method
        end as email_match_method,
        domain_accounts.account_id as domain_account_id

    from events
    left join {{ ref('stg_crm__accounts') }} as row_accounts
        on events.account_id = row_accounts.account_id
    left join {{ ref('int_contact_survivors') }} as survivors
        on events.contact_id = survivors.contact_id
    left join {{ ref('int_contacts') }} as contacts
        on survivors.survivor_contact_id = contacts.contact_id
    left join {{ ref('int_visitors') }} as visitors
        on
            -- the email on the row is newer knowledge than the visitor's
            case when events.email is null then events.visitor_id end = visitors.visitor_id
            and events.occurred_on >= visitors.valid_from
            and events.occurred_on < visitors.valid_until
    left join {{ ref('int_emails') }} as emails
        on coalesce(events.email, visitors.email) = emails.email
    left join {{ ref('int_domain_accounts') }} as domain_accounts
        on events.company_domain = domain_accounts.domain

),

resolved as (

    select
        *,
        coalesce(row_account_id, contact_account_id, email_account_id, domain_account_id)
            as event_account_id,
        case when has_row_contact then row_contact_id else email_person_id end as person_id,
        case when has_row_contact then contact_persona else email_persona end as persona

    from identified

),

final as (

    select
        event_id,
        event_key,
        source_table,
        channel,
        event_type,
        event_kind,
        event_account_id as account_id,
        person_id,
        visitor_id,
        domain_account_id as anonymous_account_id,
        persona,
        case
            when row_account_id is not null then 'account_id'
            when contact_account_id is not null then 'contact_id'
            when email_account_id is not null then email_match_method
            when domain_account_id is not null then 'company_domain'
        end as match_method,
        email,
        company_domain,
        asset,
        outcome,
        value,
        user_agent,
        machine_reason,
        machine_reason is not null as is_machine,
        occurred_at,
        occurred_on,
        -- a name that leads to nobody and to no other account changes nothing
        case
            when
                visitor_known_on > occurred_on
                and (
                    person_id is not null
                    or coalesce(event_account_id, '') <> coalesce(domain_account_id, '')
                )
                then visitor_known_on
        end as known_on

    from resolved

)

select * from final
