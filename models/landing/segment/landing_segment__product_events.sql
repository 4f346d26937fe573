{# One row per event of the product that Segment was told of, by a user or account that is known. #}
{{ config(enabled=is_vendor_on('segment')) }}
with

tracks as (

    select * from {{ ref('landing_segment__tracks') }}
    where not is_web and coalesce(email, account_id) is not null

),

final as (

    select
        {{ contract_columns('product_events', {
            'event_id': "'segment ' || tracks.id",
            'email': 'tracks.email',
            'account_id': 'tracks.account_id',
            'event_type': 'tracks.event_name',
            'occurred_at': 'tracks.occurred_at',
            'loaded_at': 'tracks.loaded_at',
        }, 'tracks') }}

    from tracks

)

select * from final
