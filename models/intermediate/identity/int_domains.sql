{#
  One row per domain seen on an account, a contact or an event and what it is: company, free_mail,
  public_suffix, shared_host or own. Only a company's leads to an account.
#}
with

endings as (

    select * from {{ ref('int_domain_endings') }}

),

listed_endings as (

    -- the longest listed ending says what the domain is
    select
        endings.*,
        listed.domain_kind as listed_kind,
        row_number() over (
            partition by endings.domain
            order by endings.ending_length desc
        ) as ending_rank

    from endings
    inner join {{ ref('int_listed_domains') }} as listed on endings.ending = listed.domain

),

suffixes as (

    -- the whole suffix: one label more where all that is directly below is one, too
    select
        *,
        listed_kind in ('public_suffix', 'public_suffix_below') as is_suffix,
        case
            when listed_kind = 'public_suffix_below' then coalesce(longer_ending, ending)
            else ending
        end as whole_ending

    from listed_endings
    where ending_rank = 1

),

domains as (

    select domain from endings
    where longer_ending is null

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
        -- an account's domain has to be as long as this to lead to it
        coalesce(
            length(suffixes.whole_ending) + case when suffixes.is_suffix then 1 else 0 end, 0
        ) as min_account_domain_length

    from domains
    left join suffixes on domains.domain = suffixes.domain

)

select * from final
