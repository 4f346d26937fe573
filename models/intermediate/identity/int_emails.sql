{#
  One row per mailbox of an event or a contact, with the person behind it and the account of its
  domain.
#}
with

mailboxes as (

    select distinct
        email,
        domain,
        is_role_mailbox

    from {{ ref('int_addresses') }}

),

contact_ids as (

    select * from {{ ref('int_contact_ids') }}

),

contact_mailboxes as (

    -- every address a contact had in any load
    select
        loads.contact_id,
        addresses.email,
        min(loads.load_rank) as load_rank

    from {{ ref('stg_crm__contact_loads') }} as loads
    inner join {{ ref('int_addresses') }} as addresses on loads.email = addresses.email_text
    group by loads.contact_id, addresses.email

),

ranked_mailboxes as (

    -- if several contacts share a mailbox: current before former owners, live before merged before
    -- deleted, then the oldest
    select
        contact_mailboxes.email,
        contact_ids.contact_id as live_contact_id,
        cast(next_loads.loaded_at as date) as left_on,
        row_number() over (
            partition by contact_mailboxes.email
            order by
                case when contact_mailboxes.load_rank = 1 then 1 else 2 end,
                case
                    when contacts.contact_id = contact_ids.contact_id then 1
                    when contact_ids.contact_id is not null then 2
                    else 3
                end,
                contacts.created_at,
                contacts.contact_id
        ) as contact_rank

    from contact_mailboxes
    inner join contact_ids on contact_mailboxes.contact_id = contact_ids.contact_id_text
    inner join {{ ref('stg_crm__contacts') }} as contacts
        on contact_mailboxes.contact_id = contacts.contact_id
    -- the first load of the live contact without the mailbox
    left join {{ ref('stg_crm__contact_loads') }} as next_loads
        on
            contact_ids.contact_id = next_loads.contact_id
            and contact_mailboxes.contact_id = next_loads.contact_id
            and contact_mailboxes.load_rank = next_loads.load_rank + 1

),

final as (

    select
        mailboxes.email,
        -- null: the mailbox belongs to a role, to our own company or to a deleted contact
        case
            when mailboxes.is_role_mailbox or domains.domain_kind = 'own' then null
            when contact_mailboxes.email is null then mailboxes.email
            else contacts.contact_id
        end as person_id,
        contacts.contact_id,
        case when not mailboxes.is_role_mailbox then contacts.persona end as persona,
        domain_accounts.account_id as domain_account_id,
        case when contacts.email is not null then contact_mailboxes.left_on end as left_on,
        domains.domain_kind = 'own' or coalesce(contacts.is_own, false) as is_own

    from mailboxes
    inner join {{ ref('int_domains') }} as domains on mailboxes.domain = domains.domain
    left join ranked_mailboxes as contact_mailboxes
        on mailboxes.email = contact_mailboxes.email and contact_mailboxes.contact_rank = 1
    left join {{ ref('int_contacts') }} as contacts
        on contact_mailboxes.live_contact_id = contacts.contact_id
    left join {{ ref('int_domain_accounts') }} as domain_accounts
        on mailboxes.domain = domain_accounts.domain

)

select * from final
