{#
  One row per page, form, file or video that a Pardot visitor used, and one per visitor whose
  prospect is known. A visit isn't counted if its pages are known one by one.
#}
{{ config(enabled=is_vendor_on('pardot'), materialized=for_many_readers()) }}
with

activities as (

    select * from {{ ref('landing_pardot__activities') }}
    where activity_object <> 'email' and content_type is null

),

page_views as (

    {{ newest_rows('pardot', 'visitor_page_view', 'id') }}

),

viewed_visits as (

    select distinct {{ without_decimals('visit_id') }} as visit_id from page_views
    where visit_id is not null

),

campaigns as (

    {{ newest_rows('pardot', 'campaign', 'id') }}

),

visitors as (

    {{ newest_rows('pardot', 'visitor', 'id') }}

),

prospects as (

    select * from {{ ref('landing_pardot__prospects') }}

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'pardot ' || activities.id",
            'visitor_id': "'pardot ' || " ~ without_decimals('activities.visitor_id'),
            'email': 'activities.email',
            'event_type': 'activities.activity_type',
            'page_url': 'activities.address',
            'campaign': 'coalesce(activities.campaign_name, activities.details)',
            'occurred_at': 'activities.created_at',
            'loaded_at': 'activities.loaded_at',
        }, 'activities') }}

    from activities
    left join viewed_visits
        on
            {{ without_decimals('activities.visit_id') }} = viewed_visits.visit_id
            and activities.activity_object in ('visit', 'page')
    where viewed_visits.visit_id is null

    union all

    select
        {{ contract_columns('web_events', {
            'event_id': "'pardot page view ' || page_views.id",
            'visitor_id': "'pardot ' || " ~ without_decimals('page_views.visitor_id'),
            'event_type': "'page_view'",
            'page_url': 'page_views.url',
            'duration_seconds': 'page_views.duration_in_seconds',
            'campaign': 'campaigns.name',
            'occurred_at': 'page_views.created_at',
            'loaded_at': load_time('page_views'),
        }, 'page_views') }}

    from page_views
    left join campaigns on {{ without_decimals('page_views.campaign_id') }} = campaigns.record_key

    union all

    -- no visitor can be identified before both prospect and visitor exist
    select
        {{ contract_columns('web_events', {
            'event_id': "'pardot visitor ' || visitors.id",
            'visitor_id': "'pardot ' || visitors.record_key",
            'email': 'prospects.email',
            'event_type': "'identify'",
            'occurred_at': 'greatest(visitors.created_at, prospects.created_at)',
            'loaded_at': load_time('visitors'),
        }, 'visitors') }}

    from visitors
    inner join prospects on {{ without_decimals('visitors.prospect_id') }} = prospects.prospect_id

)

select * from final
