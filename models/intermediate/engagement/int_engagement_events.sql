{#
  One row per staged event: who it was, at which account, and how we know. A null account_id:
  unmatched. Where `known_at` is filled, the person became known only then; until then the event
  belongs to `anonymous_account_id`, which may be null.
#}
with

events as (

    select * from {{ ref('int_events_unioned') }}

),

accounts as (

    select account_id from {{ ref('stg_crm__accounts') }}

),

survivors as (

    select * from {{ ref('int_contact_survivors') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

email_people as (

    select * from {{ ref('int_email_people') }}

),

visitor_emails as (

    select
        visitor_id,
        email,
        coalesce(valid_from, {{ start_of_time() }}) as valid_from,
        coalesce(valid_until, {{ end_of_time() }}) as valid_until,
        known_at

    from {{ ref('int_visitor_emails') }}

),

domain_accounts as (

    select * from {{ ref('int_domain_accounts') }}

),

machine_user_agents as (

    select distinct seen_agents.user_agent
    from (select distinct user_agent from {{ ref('stg_email__events') }}) as seen_agents
    inner join {{ ref('machine_user_agents') }} as machines
        on {{ matched_text('seen_agents.user_agent') }} like lower(machines.user_agent_pattern)

),

identified as (

    -- in the order of trust: ids on the row, email on the row, the visitor's email, company domain
    select
        events.*,
        row_accounts.account_id as row_account_id,
        contacts.account_id as contact_account_id,
        contacts.contact_id as row_contact_id,
        survivors.contact_id is not null as has_row_contact,
        email_people.person_id as email_person_id,
        email_people.contact_id as email_contact_id,
        email_people.account_id as email_account_id,
        email_people.match_method as email_match_method,
        domain_accounts.account_id as domain_account_id,
        events.email is null and visitor_emails.email is not null as is_by_visitor,
        visitor_emails.known_at,
        machine_user_agents.user_agent is not null as is_machine

    from events
    left join accounts as row_accounts on events.account_id = row_accounts.account_id
    left join survivors on events.contact_id = survivors.contact_id
    left join contacts on survivors.survivor_contact_id = contacts.contact_id
    left join visitor_emails
        on
            -- the email on the row is newer knowledge than the visitor's
            case when events.email is null then events.visitor_id end = visitor_emails.visitor_id
            and events.occurred_at >= visitor_emails.valid_from
            and events.occurred_at < visitor_emails.valid_until
    left join email_people on coalesce(events.email, visitor_emails.email) = email_people.email
    left join domain_accounts on events.company_domain = domain_accounts.domain
    left join machine_user_agents on events.user_agent = machine_user_agents.user_agent

),

final as (

    select
        event_id,
        source_table,
        channel,
        event_type,
        coalesce(
            row_account_id, contact_account_id, email_account_id, domain_account_id
        ) as account_id,
        case when has_row_contact then row_contact_id else email_person_id end as person_id,
        case when has_row_contact then row_contact_id else email_contact_id end as contact_id,
        visitor_id,
        case
            when row_account_id is not null then 'account_id'
            when contact_account_id is not null then 'contact_id'
            when email_account_id is not null and is_by_visitor and email_match_method = 'email'
                then 'visitor'
            when email_account_id is not null then email_match_method
            when domain_account_id is not null then 'company_domain'
        end as match_method,
        domain_account_id as anonymous_account_id,
        email,
        company_domain,
        campaign,
        asset,
        outcome,
        value,
        is_machine,
        occurred_at,
        -- null: known when it happened
        known_at,
        loaded_at

    from identified

)

select * from final
