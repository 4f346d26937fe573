{# One row per surge report of an intent provider. #}
with

usable as (

    select * from {{ ref('base_intent__events') }}
    where rejection_reason is null

),

final as (

    select
        event_id,
        {{ bare_domain('company_domain') }} as company_domain,
        lower(topic) as topic,
        surge_score,
        occurred_at,
        loaded_at

    from usable

)

select * from final
