{# One row per product event reported to Segment by a known user or account. #}
{{ config(enabled=is_vendor_on('segment'), materialized=for_many_readers()) }}
with

tracks as (

    select * from {{ ref('landing_segment__tracks') }}
    where not is_web and coalesce(email, context_group_id) is not null

),

final as (

    select
        {{ contract_columns('product_events', {
            'event_id': "'segment ' || tracks.id",
            'email': 'tracks.email',
            'account_id': 'tracks.context_group_id',
            'event_type': 'tracks.event_name',
            'occurred_at': 'tracks.occurred_at',
            'loaded_at': 'tracks.loaded_at',
        }, 'tracks') }}

    from tracks

)

select * from final
