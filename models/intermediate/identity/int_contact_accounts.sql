{#
  One row per live contact and range of days, with the contact's account in that range, by the
  contact rows loaded by then. The first range has no start. A day without an account has no row.
#}
with

loads as (

    select
        *,
        cast(loaded_at as date) as loaded_on

    from {{ ref('stg_crm__contact_loads') }}

),

survivors as (

    select contact_id from {{ ref('int_contact_ids') }}
    where contact_id = contact_id_text

),

last_loads as (

    -- the last load of a day
    select
        contact_id,
        loaded_on,
        min(load_rank) as load_rank

    from loads
    group by contact_id, loaded_on

),

address_accounts as (

    -- of several addresses, the first one whose domain leads to an account
    select
        addresses.email_text,
        domain_accounts.account_id,
        row_number() over (partition by addresses.email_text order by addresses.value_rank)
            as account_rank

    from {{ ref('int_addresses') }} as addresses
    inner join {{ ref('int_domain_accounts') }} as domain_accounts
        on addresses.domain = domain_accounts.domain

),

day_accounts as (

    select
        loads.contact_id,
        loads.loaded_on,
        coalesce(account_ids.account_id, address_accounts.account_id) as account_id,
        case
            when account_ids.account_id is not null then 'email'
            when address_accounts.account_id is not null then 'email_domain'
        end as match_method

    from loads
    inner join last_loads
        on loads.contact_id = last_loads.contact_id and loads.load_rank = last_loads.load_rank
    inner join survivors on loads.contact_id = survivors.contact_id
    left join {{ ref('int_account_ids') }} as account_ids
        on loads.account_id = account_ids.account_id_text
    left join address_accounts
        on loads.email = address_accounts.email_text and address_accounts.account_rank = 1

),

moves as (

    select
        *,
        lag(loaded_on) over (partition by contact_id order by loaded_on) as previous_loaded_on,
        lag(coalesce(account_id || match_method, '')) over (
            partition by contact_id order by loaded_on
        ) as previous_account

    from day_accounts

),

ranges as (

    select
        contact_id,
        account_id,
        match_method,
        case when previous_loaded_on is null then {{ first_day() }} else loaded_on end
            as valid_from,
        lead(loaded_on, 1, {{ last_day() }}) over (
            partition by contact_id order by loaded_on
        ) as valid_until

    from moves
    where
        previous_loaded_on is null
        or coalesce(account_id || match_method, '') <> previous_account

),

final as (

    select
        *,
        max(valid_until) over (partition by contact_id, account_id) < {{ last_day() }} as has_left

    from ranges
    where account_id is not null

)

select * from final
