{#
  One row per activity of a Pardot prospect or visitor, with the prospect's email address. Deals of
  the CRM are left out. If the seed `event_words` knows a submitted form's name as a request for
  content, `content_type` holds the type. For a webinar or event it always does.
#}
{{ config(enabled=is_vendor_on('pardot'), materialized=for_many_readers()) }}
with

activities as (

    select
        *,
        {{ pardot_object() }} as activity_object,
        {{ is_pardot_success() }} as is_success

    from {{ raw_table('visitor_activity', 'pardot') }}

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
    where activity_object is not null

),

final as (

    select
        activities.*,
        case
            when activities.activity_object in ('webinar', 'event') then activities.activity_type
            when known_types.plain_word is not null then activities.details
        end as content_type,
        prospects.email,
        case when lower(activities.details) like 'http%' then activities.details end as address,
        list_emails.name as list_email_name,
        campaigns.name as campaign_name,
        {{ load_time('activities') }} as loaded_at

    from worded_activities as activities
    left join known_types
        on
            activities.is_success
            and {{ plain_word('activities.details') }} = known_types.plain_word
    left join prospects on {{ without_decimals('activities.prospect_id') }} = prospects.prospect_id
    left join list_emails
        on {{ without_decimals('activities.list_email_id') }} = list_emails.record_key
    left join campaigns on {{ without_decimals('activities.campaign_id') }} = campaigns.record_key

)

select * from final
