{#
  One row per registration or attendance for a webinar or event that Pardot knows, and per form in
  which a prospect asked for content.
#}
{{ config(enabled=is_vendor_on('pardot'), materialized=for_many_readers()) }}
with

activities as (

    select * from {{ ref('landing_pardot__activities') }}
    where content_type is not null

),

final as (

    select
        {{ contract_columns('content_events', {
            'event_id': "'pardot ' || activities.id",
            'email': 'activities.email',
            'event_type': 'activities.content_type',
            'asset': 'activities.details',
            'campaign': 'activities.campaign_name',
            'occurred_at': 'activities.created_at',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities

)

select * from final
