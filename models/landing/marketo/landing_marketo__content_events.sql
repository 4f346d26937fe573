{#
  One row per change of a lead's status in a Marketo program, and per form in which a lead asked for
  content.
#}
{{ config(enabled=is_vendor_on('marketo'), materialized=for_many_readers()) }}
with

activities as (

    select * from {{ ref('landing_marketo__activities') }}
    where activity_kind = 'change_status_in_progression' or content_type is not null

),

leads as (

    select * from {{ ref('landing_marketo__leads') }}

),

programs as (

    {{ newest_rows('marketo', 'program', 'id') }}

),

final as (

    select
        {{ contract_columns('content_events', {
            'event_id': "'marketo ' || activities.activity_id",
            'email': 'leads.email',
            'event_type': 'activities.content_type',
            'asset': 'coalesce(activities.asset_name, programs.name)',
            'campaign': 'coalesce(activities.asset_name, programs.name)',
            'occurred_at': 'activities.activity_date',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities
    left join leads on activities.lead_id = leads.lead_id
    left join programs on activities.asset_id = programs.record_key

)

select * from final
