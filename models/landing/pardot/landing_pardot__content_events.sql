{# One row per registration for, or visit of, a webinar or event that Pardot knows. #}
{{ config(enabled=is_vendor_on('pardot')) }}
with

activities as (

    select * from {{ ref('landing_pardot__activities') }}
    where activity_object in ('webinar', 'event')

),

final as (

    select
        {{ contract_columns('content_events', {
            'event_id': "'pardot ' || activities.activity_id",
            'email': 'activities.email',
            'event_type': 'activities.activity_type',
            'asset': 'activities.details',
            'campaign': 'activities.campaign_name',
            'occurred_at': 'activities.created_at',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities

)

select * from final
