{#
  One row per domain seen on a contact or an event that leads to an account: the domain of the
  account, or one below it.
#}
with

account_domains as (

    select
        *,
        length(domain) as domain_length

    from {{ ref('int_account_domains') }}

),

seen_emails as (

    select email from {{ ref('stg_crm__contacts') }}
    union
    select email from {{ ref('int_events') }} where not is_removed

),

seen_domains as (

    select {{ email_domain('email') }} as domain from seen_emails
    union
    select company_domain as domain from {{ ref('int_events') }} where not is_removed

),

domain_lengths as (

    select distinct domain_length from account_domains

),

endings as (

    -- every ending of a domain that begins at a label and is as long as some account's domain
    select
        seen_domains.domain,
        right(seen_domains.domain, domain_lengths.domain_length) as ending

    from seen_domains
    inner join domain_lengths
        on
            length(seen_domains.domain) = domain_lengths.domain_length
            or substr(
                seen_domains.domain,
                length(seen_domains.domain) - domain_lengths.domain_length,
                1
            ) = '.'
    where seen_domains.domain not in (select domain from {{ ref('free_email_domains') }})

),

ranked_accounts as (

    select
        endings.domain,
        account_domains.account_id,
        row_number() over (
            partition by endings.domain
            order by account_domains.domain_length desc
        ) as account_rank

    from endings
    inner join account_domains on endings.ending = account_domains.domain

),

final as (

    select
        domain,
        account_id

    from ranked_accounts
    where account_rank = 1

)

select * from final
