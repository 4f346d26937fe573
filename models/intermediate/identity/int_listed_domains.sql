{#
  One row per domain that some list knows, and what it is: the seeds go before the lists. A domain
  below a listed one is the same, if no longer one is listed.
#}
with

listed as (

    select
        domain,
        domain_kind,
        1 as priority

    from {{ ref('domain_kinds') }}

    union all

    select
        domain,
        'own' as domain_kind,
        2 as priority

    from {{ ref('own_domains') }}

    union all

    -- an exception to a public suffix belongs to somebody
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

ranked as (

    select
        *,
        row_number() over (partition by domain order by priority) as list_rank

    from listed

),

final as (

    select
        domain,
        domain_kind

    from ranked
    where list_rank = 1

)

select * from final
