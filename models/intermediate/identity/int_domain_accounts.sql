{#
  One row per domain seen on a contact or an event that leads to an account: the domain of the
  account, or one below it, but never past a public suffix.
#}
with

ranked_accounts as (

    select
        endings.domain,
        account_domains.account_id,
        row_number() over (
            partition by endings.domain
            order by endings.ending_length desc
        ) as account_rank

    from {{ ref('int_domain_endings') }} as endings
    inner join {{ ref('int_domains') }} as domains
        on
            endings.domain = domains.domain
            and domains.domain_kind = 'company'
            and endings.ending_length >= domains.min_account_domain_length
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
