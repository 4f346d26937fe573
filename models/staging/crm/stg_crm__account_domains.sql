{# One row per additional domain of an account: its newest usable load, as the CRM spells it. #}
with

usable as (

    select * from {{ contract_rows('account_domains') }}
    where {{ rejection_reason('account_domains') }} is null

),

newest_loads as (

    {{ newest_loads('usable', 'account_domains') }}

),

final as (

    select
        account_id,
        domain,
        lower(domain) as domain_text,
        loaded_at,
        row_id

    from newest_loads

)

select * from final
