{# One row per domain of an account, and the one account it leads to. Never a free-mail domain. #}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}
    where
        domain is not null
        and domain not in (select domain from {{ ref('free_email_domains') }})

),

contact_counts as (

    select
        contacts.account_id,
        count(*) as contact_count

    from {{ ref('stg_crm__contacts') }} as contacts
    inner join {{ ref('int_contact_survivors') }} as survivors
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
        row_number() over (
            partition by accounts.domain
            order by
                coalesce(contact_counts.contact_count, 0) desc,
                accounts.created_at,
                accounts.account_id
        ) as account_rank

    from accounts
    left join contact_counts on accounts.account_id = contact_counts.account_id

),

final as (

    select
        domain,
        account_id

    from ranked_accounts
    where account_rank = 1

)

select * from final
