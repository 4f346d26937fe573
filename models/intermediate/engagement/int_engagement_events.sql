{#
  One row per staged event: who it was, at which account, and how we know. A null account_id:
  unmatched. Where `known_at` is filled, the person became known only then; until then the event
  belongs to `anonymous_account_id`, which may be null.
#}
{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        on_schema_change='fail',
        pre_hook="{{ delete_due_events() }}",
        post_hook="{{ remember_identity_state() }}",
    )
}}
-- depends_on: {{ ref('int_due_events') }}, {{ ref('int_identity_answers') }}
with

events as (

    select events.*
    from {{ ref('int_events_unioned') }} as events
    {% if is_incremental() %}
    inner join {{ ref('int_due_events') }} as due_events
        on events.channel = due_events.channel and events.event_id = due_events.event_id
    {% endif %}

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

machine_agents as (

    select * from {{ ref('int_machine_agents') }}

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
        machine_agents.user_agent is not null as is_machine

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
    left join machine_agents on events.user_agent = machine_agents.user_agent

),

resolved as (

    select
        *,
        coalesce(
            row_account_id, contact_account_id, email_account_id, domain_account_id
        ) as event_account_id,
        case when has_row_contact then row_contact_id else email_person_id end as person_id,
        case when has_row_contact then row_contact_id else email_contact_id end
            as event_contact_id

    from identified

),

final as (

    select
        resolved.event_id,
        resolved.source_table,
        resolved.channel,
        resolved.event_type,
        resolved.event_account_id as account_id,
        resolved.person_id,
        resolved.event_contact_id as contact_id,
        resolved.visitor_id,
        case
            when resolved.row_account_id is not null then 'account_id'
            when resolved.contact_account_id is not null then 'contact_id'
            when
                resolved.email_account_id is not null
                and resolved.is_by_visitor
                and resolved.email_match_method = 'email'
                then 'visitor'
            when resolved.email_account_id is not null then resolved.email_match_method
            when resolved.domain_account_id is not null then 'company_domain'
        end as match_method,
        resolved.domain_account_id as anonymous_account_id,
        resolved.email,
        resolved.company_domain,
        resolved.campaign,
        resolved.asset,
        resolved.outcome,
        resolved.value,
        resolved.is_machine,
        contacts.persona,
        coalesce(contacts.is_decision_maker, false) as is_decision_maker,
        {{ event_kind('contacts.persona', 'resolved.') }} as event_kind,
        resolved.occurred_at,
        -- null: known when it happened
        resolved.known_at,
        resolved.loaded_at

    from resolved
    left join contacts on resolved.event_contact_id = contacts.contact_id

)

select * from final
