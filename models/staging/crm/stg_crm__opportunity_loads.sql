{#
  One row per usable load of an opportunity. Older loads show when it was first known as won or
  lost.
#}
with

usable as (

    select * from {{ contract_rows('crm_opportunities') }}
    where {{ rejection_reason('crm_opportunities') }} is null

),

ranked_loads as (

    {{ ranked_loads('usable', 'crm_opportunities') }}

),

final as (

    select
        opportunity_id,
        load_rank,
        account_id,
        opportunity_name,
        lower(stage) as stage,
        amount_usd,
        -- null: the CRM does not say
        is_closed,
        is_won,
        coalesce(is_deleted, false) as is_deleted,
        coalesce(created_at, least(closed_at, min(loaded_at) over (partition by opportunity_id)))
            as created_at,
        closed_at,
        loaded_at,
        row_id

    from ranked_loads

)

select * from final
