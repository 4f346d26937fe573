{# One row per opportunity of the CRM. #}
-- depends_on: {{ ref('int_seed_check') }}
with

usable as (

    select * from {{ source('raw', 'crm_opportunities') }}
    where {{ rejection_reason('created_at') }} is null

),

newest_loads as (

    {{ newest_loads('usable', 'crm_opportunities') }}

),

final as (

    select
        opportunity_id,
        account_id,
        opportunity_name,
        lower(stage) as stage,
        amount_usd,
        coalesce(is_closed, false) as is_closed,
        coalesce(is_won, false) as is_won,
        coalesce(created_at, least(closed_at, loaded_at)) as created_at,
        closed_at,
        loaded_at,
        row_id

    from newest_loads

)

select * from final
