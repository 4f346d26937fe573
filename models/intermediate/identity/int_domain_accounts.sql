{#
  One row per domain seen on a contact or an event that leads to an account: the domain of the
  account, or one below it.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

survivors as (

    select * from {{ ref('int_contact_survivors') }}

),

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

free_domains as (

    select domain from {{ ref('free_email_domains') }}

),

seen_emails as (

    select email from contacts
    {% for model in ('email', 'web', 'content', 'linkedin', 'ads', 'product') %}
    union
    select email from {{ ref('stg_' ~ model ~ '__events') }}
    {% endfor %}

),

seen_domains as (

    select {{ email_domain('email') }} as domain from seen_emails
    {% for model in ('web', 'linkedin', 'ads', 'intent') %}
    union
    select company_domain as domain from {{ ref('stg_' ~ model ~ '__events') }}
    {% endfor %}

),

company_domains as (

    select domain from seen_domains
    where domain is not null and domain not in (select domain from free_domains)

),

contact_counts as (

    select
        contacts.account_id,
        count(*) as contact_count

    from contacts
    inner join survivors
        on
            contacts.contact_id = survivors.contact_id
            and contacts.contact_id = survivors.survivor_contact_id
    group by contacts.account_id

),

ranked_accounts as (

    -- two accounts on one domain: most contacts, then the oldest, then the smallest id
    select
        accounts.domain,
        accounts.account_id,
        length(accounts.domain) as domain_length,
        row_number() over (
            partition by accounts.domain
            order by
                coalesce(contact_counts.contact_count, 0) desc,
                accounts.created_at,
                accounts.account_id
        ) as account_rank

    from accounts
    left join contact_counts on accounts.account_id = contact_counts.account_id
    where accounts.domain is not null and accounts.domain not in (select domain from free_domains)

),

account_domains as (

    select * from ranked_accounts where account_rank = 1

),

domain_lengths as (

    select distinct domain_length from account_domains

),

endings as (

    -- every ending of a domain that begins at a label and is as long as some account's domain
    select
        company_domains.domain,
        right(company_domains.domain, domain_lengths.domain_length) as ending

    from company_domains
    inner join domain_lengths
        on
            length(company_domains.domain) = domain_lengths.domain_length
            or substr(
                company_domains.domain,
                length(company_domains.domain) - domain_lengths.domain_length,
                1
            ) = '.'

),

candidates as (

    select
        endings.domain,
        account_domains.account_id,
        row_number() over (
            partition by endings.domain
            order by account_domains.domain_length desc
        ) as candidate_rank

    from endings
    inner join account_domains on endings.ending = account_domains.domain

),

final as (

    select
        domain,
        account_id

    from candidates
    where candidate_rank = 1

)

select * from final
