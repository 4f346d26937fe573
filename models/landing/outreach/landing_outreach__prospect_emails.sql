{#
  One row per Outreach prospect with an email address, with the first address and a list of all of
  them.
#}
{{ config(enabled=is_vendor_on('outreach'), materialized=for_many_readers()) }}
with

prospects as (

    {{ newest_rows('outreach', 'prospect', 'id') }}

),

addresses as (

    select
        {{ id_key('prospect_id') }} as prospect_id,
        email,
        cast(null as {{ dbt.type_bigint() }}) as email_order

    from {{ raw_table('prospect_email', 'outreach') }}
    union all
    select
        {{ id_key(listed('relationship_prospect_id')) }} as prospect_id,
        email,
        email_order

    from {{ raw_table('email_address', 'outreach') }}

),

ranked_addresses as (

    select
        *,
        row_number() over (
            partition by prospect_id
            order by case when email_order is null then 2 else 1 end, email_order, email
        ) as email_rank

    from addresses
    where prospect_id is not null and email is not null

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
