{#
  One row per domain seen on an account, a contact or an event, with its kind: company, free_mail,
  public_suffix, shared_host or own. Only a company's domain leads to an account.
#}
with recursive

seen_domains as (

    select domain from {{ ref('int_addresses') }}
    union distinct
    select host as domain from {{ ref('int_websites') }} where host is not null

),

endings as (

    {{ domain_endings('seen_domains') }}

),

listed as (

    select
        domain,
        'own' as domain_kind,
        1 as priority

    from {{ ref('own_domains') }}

    union all

    select
        domain,
        domain_kind,
        2 as priority

    from {{ ref('domain_kinds') }}

    union all

    -- an exception to a public suffix belongs to a company
    select
        suffix as domain,
        case
            when kind = 'exception' then 'company'
            when kind = 'wildcard' then 'public_suffix_below'
            else 'public_suffix'
        end as domain_kind,
        case when kind = 'suffix' then 4 else 3 end as priority

    from {{ ref('public_suffixes') }}

    union all

    select
        domain,
        'free_mail' as domain_kind,
        5 as priority

    from {{ ref('free_mail_domains') }}

),

listed_endings as (

    -- the longest listed ending decides the kind, and seeds override lists
    select
        endings.domain,
        endings.ending,
        endings.longer_ending,
        listed.domain_kind as listed_kind,
        row_number() over (
            partition by endings.domain
            order by length(endings.ending) desc, listed.priority
        ) as ending_rank

    from endings
    inner join listed on endings.ending = listed.domain

),

suffixes as (

    -- the whole suffix: one label more if every domain directly below is a suffix too
    select
        domain,
        listed_kind,
        listed_kind in ('public_suffix', 'public_suffix_below') as is_suffix,
        case
            when listed_kind = 'public_suffix_below' then coalesce(longer_ending, ending)
            else ending
        end as whole_ending

    from listed_endings
    where ending_rank = 1

),

final as (

    select
        domains.domain,
        case
            when suffixes.domain is null then 'company'
            when not suffixes.is_suffix then suffixes.listed_kind
            when suffixes.whole_ending = domains.domain then 'public_suffix'
            else 'company'
        end as domain_kind,
        -- an account's domain needs at least this length for this domain to lead to the account
        coalesce(
            length(suffixes.whole_ending) + case when suffixes.is_suffix then 1 else 0 end, 0
        ) as min_account_domain_length

    from seen_domains as domains
    left join suffixes on domains.domain = suffixes.domain

)

select * from final
