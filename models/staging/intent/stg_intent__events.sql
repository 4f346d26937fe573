{#
  One row per usable load of a surge report from an intent provider. A report that was loaded twice
  has two rows.
#}
with

usable as (

    select * from {{ contract_rows('intent_events') }}
    where {{ rejection_reason('intent_events') }} is null

),

final as (

    select
        event_id,
        lower(company_domain) as company_domain,
        lower(topic) as topic,
        surge_score,
        occurred_at,
        loaded_at,
        row_id

    from usable

)

select * from final
