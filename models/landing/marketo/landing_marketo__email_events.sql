{# One row per Marketo email that was sent, delivered, opened or clicked, or that bounced. #}
{{ config(enabled=is_vendor_on('marketo'), materialized=for_many_readers()) }}
with

activities as (

    select * from {{ ref('landing_marketo__activities') }}
    where
        activity_kind in (
            'send_email', 'email_delivered', 'open_email', 'click_email', 'email_bounced',
            'email_bounced_soft', 'unsubscribe_email'
        )

),

leads as (

    select * from {{ ref('landing_marketo__leads') }}

),

campaigns as (

    {{ newest_rows('marketo', 'campaign', 'id') }}

),

final as (

    select
        {{ contract_columns('email_events', {
            'event_id': "'marketo ' || activities.activity_id",
            'email': 'leads.email',
            'event_type': 'activities.activity_kind',
            'campaign': 'coalesce(activities.asset_name, campaigns.program_name, campaigns.name)',
            'link_url': 'activities.address',
            'user_agent': 'activities.agent',
            'occurred_at': 'activities.activity_date',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities
    left join leads on activities.lead_id = leads.lead_id
    left join campaigns on activities.campaign_id = campaigns.record_key

)

select * from final
