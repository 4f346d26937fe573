{#
  One row per page that a Marketo lead visited, and per form submission that doesn't ask for
  content.
#}
{{ config(enabled=is_vendor_on('marketo'), materialized=for_many_readers()) }}
with

activities as (

    select * from {{ ref('landing_marketo__activities') }}
    where
        activity_kind in ('visit_webpage', 'fill_out_form', 'fill_out_linkedin_lead_gen_form')
        and content_type is null

),

leads as (

    select * from {{ ref('landing_marketo__leads') }}

),

campaigns as (

    {{ newest_rows('marketo', 'campaign', 'id') }}

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'marketo ' || activities.activity_id",
            'email': 'leads.email',
            'event_type': 'activities.activity_kind',
            'page_url': "case when activities.activity_kind = 'visit_webpage'"
                ~ ' then coalesce(activities.address, activities.asset_name)'
                ~ ' else activities.address end',
            'user_agent': 'activities.agent',
            'campaign': "coalesce(campaigns.program_name, campaigns.name, case"
                ~ " when activities.activity_kind <> 'visit_webpage' then activities.asset_name end)",
            'occurred_at': 'activities.activity_date',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities
    left join leads on activities.lead_id = leads.lead_id
    left join campaigns on activities.campaign_id = campaigns.record_key

)

select * from final
