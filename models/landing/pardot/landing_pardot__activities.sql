{#
  One row per activity of a prospect or visitor of Pardot, deals of the CRM aside, with the address of
  the prospect. Prospects in the recycle bin are nobody.
#}
{{ config(enabled=is_vendor_on('pardot')) }}
with

activities as (

    select
        *,
        {{ pardot_object() }} as activity_object,
        {{ load_time('visitor_activities') }} as loaded_at

    from {{ raw_table('visitor_activity', 'pardot') }} as visitor_activities

),

prospects as (

    select * from {{ ref('landing_pardot__prospects') }}

),

list_emails as (

    {{ newest_rows('pardot', 'list_email', 'id') }}

),

campaigns as (

    {{ newest_rows('pardot', 'campaign', 'id') }}

),

final as (

    select
        activities.id as activity_id,
        activities.activity_object,
        'pardot ' || activities.activity_object || ' '
        || cast(activities.type as {{ dbt.type_string() }}) as activity_type,
        'pardot ' || activities.visitor_id as visitor_id,
        prospects.email,
        activities.visit_id,
        activities.visitor_page_view_id,
        case when lower(activities.details) like 'http%' then activities.details end as address,
        activities.details,
        list_emails.name as list_email_name,
        campaigns.name as campaign_name,
        activities.created_at,
        activities.loaded_at,
        {% for column in landing_columns() %}
        activities.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}

    from activities
    left join prospects on activities.prospect_id = prospects.prospect_id
    left join list_emails on activities.list_email_id = list_emails.id
    left join campaigns on activities.campaign_id = campaigns.id
    where activities.activity_object is not null

)

select * from final
