{#
  One row per Outreach prospect with an email address, with the first address and a list of all of
  them. The first one is that of Outreach's order. Without an order, one of a company is.
#}
{{ config(enabled=is_vendor_on('outreach'), materialized=for_many_readers()) }}
with

prospects as (

    {{ newest_rows('outreach', 'prospect', 'id') }}

),

addresses as (

    select
        {{ without_decimals('prospect_id') }} as prospect_id,
        email,
        cast(null as {{ dbt.type_bigint() }}) as email_order

    from {{ raw_table('prospect_email', 'outreach') }}
    union all
    select
        {{ without_decimals(listed('relationship_prospect_id')) }} as prospect_id,
        email,
        email_order

    from {{ raw_table('email_address', 'outreach') }}

),

free_mail as (

    select lower(domain) as domain from {{ ref('free_mail_domains') }}
    union distinct
    select lower(domain) as domain from {{ ref('domain_kinds') }}
    where domain_kind = 'free_mail'

),

ranked_addresses as (

    select
        addresses.*,
        row_number() over (
            partition by addresses.prospect_id
            order by
                case when addresses.email_order is null then 2 else 1 end,
                addresses.email_order,
                case when free_mail.domain is null then 1 else 2 end,
                addresses.email
        ) as email_rank

    from addresses
    left join free_mail on {{ email_domain('lower(addresses.email)') }} = free_mail.domain
    where addresses.prospect_id is not null and addresses.email is not null

),

lists as (

    select
        prospect_id,
        max(case when email_rank = 1 then email end) as email,
        {{ ordered_text('email') }} as emails

    from ranked_addresses
    group by prospect_id
    union all
    select
        record_key as prospect_id,
        {{ first_listed(listed('emails')) }} as email,
        {{ listed('emails') }} as emails

    from prospects
    where {{ listed('emails') }} is not null

),

final as (

    select
        prospect_id,
        min(email) as email,
        min(emails) as emails

    from lists
    group by prospect_id

)

select * from final
