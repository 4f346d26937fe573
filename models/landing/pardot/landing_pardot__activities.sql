{#
  One row per activity of a prospect or visitor of Pardot, deals of the CRM aside, with the address of
  the prospect. Prospects in the recycle bin are nobody. Where the seed `event_words` knows the name of
  a form that was submitted as the content that was asked for, it is `content_type`, as the word of a
  webinar or event always is.
#}
{{ config(enabled=is_vendor_on('pardot')) }}
with

activities as (

    select
        *,
        {{ pardot_object() }} as activity_object,
        {{ is_pardot_success() }} as is_success,
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

known_types as (

    {{ translated_words('content_events', 'event_type') }}

),

worded_activities as (

    select
        *,
        'pardot ' || activity_object || ' ' || cast(type as {{ dbt.type_string() }})
            as activity_type

    from activities

),

final as (

    select
        activities.id as activity_id,
        activities.activity_object,
        activities.activity_type,
        case
            when activities.activity_object in ('webinar', 'event') then activities.activity_type
            when known_types.plain_word is not null then activities.details
        end as content_type,
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

    from worded_activities as activities
    left join known_types
        on
            activities.is_success
            and {{ plain_word('activities.details') }} = known_types.plain_word
    left join prospects on activities.prospect_id = prospects.prospect_id
    left join list_emails on activities.list_email_id = list_emails.id
    left join campaigns on activities.campaign_id = campaigns.id
    where activities.activity_object is not null

)

select * from final
