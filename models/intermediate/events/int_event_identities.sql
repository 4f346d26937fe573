{#
  One row per event: the person, the account, and how they were found. A null account_id means no
  account was found. If the visitor was identified on a later day, `known_on` is that day; until
  then the event belongs to `anonymous_account_id` and to no person. Events of our own people belong
  to no person and no account. Most events score nothing and are only counted.
#}
{{ config(materialized=for_many_readers()) }}
with

named as (

    -- from most to least trusted: ids on the row, email on the row, email of the visitor
    select
        events.*,
        -- null: a person made it
        case
            when machine_agents.user_agent is not null then 'user_agent'
            else reactions.machine_reason
        end as machine_reason,
        account_ids.account_id as row_account_id,
        contact_ids.contact_id_text is not null as has_row_contact,
        contact_ids.contact_id as row_contact_id,
        contacts.persona as contact_persona,
        coalesce(contacts.is_own, emails.is_own, false) as is_own,
        visitors.known_on as visitor_known_on,
        emails.contact_id as email_contact_id,
        emails.person_id as email_person_id,
        emails.persona as email_persona,
        emails.domain_account_id as email_domain_account_id

    from {{ ref('int_clean_events') }} as events
    left join {{ ref('int_machine_agents') }} as machine_agents
        on events.user_agent = machine_agents.user_agent
    left join {{ ref('int_machine_reactions') }} as reactions
        on
            -- only email events are judged by timing
            case when events.channel = 'email' then events.event_key end = reactions.event_key
    left join {{ ref('int_account_ids') }} as account_ids
        on events.account_id = account_ids.account_id_text
    left join {{ ref('int_contact_ids') }} as contact_ids
        on events.contact_id = contact_ids.contact_id_text
    left join {{ ref('int_contacts') }} as contacts
        on contact_ids.contact_id = contacts.contact_id
    left join {{ ref('int_visitors') }} as visitors
        on
            -- an email on the row overrides the visitor's
            case when events.email is null then events.visitor_id end = visitors.visitor_id
            and events.occurred_on >= visitors.valid_from
            and events.occurred_on < visitors.valid_until
    left join {{ ref('int_emails') }} as emails
        on coalesce(events.email, visitors.email) = emails.email

),

placed as (

    -- a contact belongs to its account of that day; the company domain comes last
    select
        named.*,
        row_contacts.account_id as row_contact_account_id,
        email_contacts.account_id as email_contact_account_id,
        email_contacts.match_method as email_contact_match_method,
        domain_accounts.account_id as domain_account_id

    from named
    left join {{ ref('int_contact_accounts') }} as row_contacts
        on
            named.row_contact_id = row_contacts.contact_id
            and named.occurred_on >= row_contacts.valid_from
            and named.occurred_on < row_contacts.valid_until
    left join {{ ref('int_contact_accounts') }} as email_contacts
        on
            named.email_contact_id = email_contacts.contact_id
            and named.occurred_on >= email_contacts.valid_from
            and named.occurred_on < email_contacts.valid_until
    left join {{ ref('int_domain_accounts') }} as domain_accounts
        on named.company_domain = domain_accounts.domain

),

resolved as (

    select
        *,
        case
            when is_own then null
            else coalesce(
                row_account_id,
                row_contact_account_id,
                email_contact_account_id,
                email_domain_account_id,
                domain_account_id
            )
        end as event_account_id,
        case
            when is_own then null
            when has_row_contact then row_contact_id
            else email_person_id
        end as person_id,
        case when has_row_contact then contact_persona else email_persona end as persona

    from placed

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
            when event_account_id is null then null
            when row_account_id is not null then 'account_id'
            when row_contact_account_id is not null then 'contact_id'
            when email_contact_match_method = 'email' and email is null then 'visitor'
            when email_contact_account_id is not null then email_contact_match_method
            when email_domain_account_id is not null then 'email_domain'
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
        is_own,
        occurred_at,
        occurred_on,
        -- an identification that gives neither a person nor another account changes nothing
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
