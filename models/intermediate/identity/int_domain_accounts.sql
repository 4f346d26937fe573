{#
  One row per domain seen on a contact or an event that leads to an account. The account's domain is
  the same or one above it. Only a company's domain leads to an account, and never past a public
  suffix, a shared host or a domain of our own.
#}
with recursive

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

    select
        endings.domain,
        account_domains.account_id,
        row_number() over (
            partition by endings.domain
            order by length(endings.ending) desc
        ) as account_rank

    from endings
    inner join companies
        on
            endings.domain = companies.domain
            and length(endings.ending) >= companies.min_account_domain_length
    inner join {{ ref('int_account_domains') }} as account_domains
        on endings.ending = account_domains.domain

),

final as (

    select
        domain,
        account_id

    from ranked_accounts
    where account_rank = 1

)

select * from final
