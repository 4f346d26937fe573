{# One row per email address seen on an event: the person behind it, and the account. #}
with

seen_emails as (

    select distinct email from {{ ref('int_events') }}
    where not is_removed and email is not null

),

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

survivors as (

    select * from {{ ref('int_contact_survivors') }}

),

live_contacts as (

    select * from {{ ref('int_contacts') }}

),

domain_accounts as (

    select * from {{ ref('int_domain_accounts') }}

),

email_contacts as (

    -- several contacts with one address: live before merged before deleted, then the oldest
    select
        contacts.email,
        survivors.survivor_contact_id,
        row_number() over (
            partition by contacts.email
            order by
                case
                    when contacts.contact_id = survivors.survivor_contact_id then 1
                    when survivors.survivor_contact_id is not null then 2
                    else 3
                end,
                contacts.created_at,
                contacts.contact_id
        ) as contact_rank

    from contacts
    inner join survivors on contacts.contact_id = survivors.contact_id
    where contacts.email is not null

),

final as (

    select
        seen_emails.email,
        -- null: the address belongs to a deleted contact, who stands for nobody
        case
            when email_contacts.email is null then seen_emails.email
            else live_contacts.contact_id
        end as person_id,
        live_contacts.contact_id,
        live_contacts.persona,
        coalesce(live_contacts.account_id, domain_accounts.account_id) as account_id,
        case
            when live_contacts.account_id is not null then live_contacts.match_method
            when domain_accounts.account_id is not null then 'email_domain'
        end as match_method

    from seen_emails
    left join email_contacts
        on
            seen_emails.email = email_contacts.email
            and email_contacts.contact_rank = 1
    left join live_contacts on email_contacts.survivor_contact_id = live_contacts.contact_id
    left join domain_accounts on {{ email_domain('seen_emails.email') }} = domain_accounts.domain

)

select * from final
