{#
  One row per Pardot email that was sent, opened or clicked, that bounced, or that led to an
  unsubscribe.
#}
{{ config(enabled=is_vendor_on('pardot'), materialized=for_many_readers()) }}
with

activities as (

    select * from {{ ref('landing_pardot__activities') }}
    where activity_object = 'email'

),

final as (

    select
        {{ contract_columns('email_events', {
            'event_id': "'pardot ' || activities.id",
            'email': 'activities.email',
            'event_type': 'activities.activity_type',
            'campaign': 'coalesce(activities.list_email_name, activities.campaign_name)',
            'link_url': 'activities.address',
            'occurred_at': 'activities.created_at',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities

)

select * from final
