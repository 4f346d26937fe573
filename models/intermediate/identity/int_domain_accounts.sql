{#
  One row per domain seen on a contact or an event that leads to an account. The account's domain is
  the same or one above it. Only a company's domain leads to an account, and never past a public
  suffix, a shared host or a domain of our own. Domains of merged accounts belong to the account they
  were merged into.
#}
with recursive

account_texts as (

    select
        account_id,
        domain as website_text

    from {{ ref('stg_crm__accounts') }}

    union distinct

    select
        account_id,
        domain_text as website_text

    from {{ ref('stg_crm__account_domains') }}

),

account_hosts as (

    select distinct
        account_ids.account_id,
        websites.host as domain

    from account_texts
    inner join {{ ref('int_account_ids') }} as account_ids
        on account_texts.account_id = account_ids.account_id_text
    inner join {{ ref('int_websites') }} as websites
        on account_texts.website_text = websites.website_text
    where account_ids.account_id is not null and websites.host is not null

),

contact_counts as (

    select
        account_ids.account_id,
        count(*) as contact_count

    from {{ ref('stg_crm__contacts') }} as contacts
    inner join {{ ref('int_contact_ids') }} as contact_ids
        on
            contacts.contact_id = contact_ids.contact_id_text
            and contacts.contact_id = contact_ids.contact_id
    inner join {{ ref('int_account_ids') }} as account_ids
        on contacts.account_id = account_ids.account_id_text
    group by account_ids.account_id

),

companies as (

    select
        domain,
        min_account_domain_length

    from {{ ref('int_domains') }}
    where domain_kind = 'company'

),

endings as (

    {{ domain_endings('companies') }}

),

ranked_accounts as (

    -- the longest domain; if two accounts give it: the most contacts, then the oldest, then the
    -- smallest id
    select
        endings.domain,
        accounts.account_id,
        row_number() over (
            partition by endings.domain
            order by
                length(endings.ending) desc,
                coalesce(contact_counts.contact_count, 0) desc,
                accounts.created_at,
                accounts.account_id
        ) as account_rank

    from endings
    inner join companies
        on
            endings.domain = companies.domain
            and length(endings.ending) >= companies.min_account_domain_length
    inner join account_hosts on endings.ending = account_hosts.domain
    inner join {{ ref('stg_crm__accounts') }} as accounts
        on account_hosts.account_id = accounts.account_id
    left join contact_counts on account_hosts.account_id = contact_counts.account_id

),

final as (

    select
        domain,
        account_id

    from ranked_accounts
    where account_rank = 1

)

select * from final
