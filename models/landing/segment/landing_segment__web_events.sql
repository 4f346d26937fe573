{#
  One row per page or screen view in Segment, per download, form or video, and per identification of
  a visitor.
#}
{{ config(enabled=is_vendor_on('segment'), materialized=for_many_readers()) }}
with

users as (

    select * from {{ ref('landing_segment__users') }}

),

pages as (

    select * from {{ raw_table('pages', 'segment') }}

),

screens as (

    select * from {{ raw_table('screens', 'segment') }}

),

identifies as (

    select * from {{ raw_table('identifies', 'segment') }}

),

tracks as (

    select * from {{ ref('landing_segment__tracks') }}
    where is_web

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'segment ' || pages.id",
            'visitor_id': 'pages.anonymous_id',
            'email': segment_email('pages'),
            'event_type': "'page_view'",
            'page_url': 'coalesce(pages.url, pages.context_page_url)',
            'user_agent': 'pages.context_user_agent',
            'campaign': 'pages.context_campaign_name',
            'occurred_at': segment_occurred_at('pages'),
            'loaded_at': segment_loaded_at('pages'),
        }, 'pages') }}

    from pages
    left join users on {{ is_segment_user('pages') }}

    union all

    select
        {{ contract_columns('web_events', {
            'event_id': "'segment ' || screens.id",
            'visitor_id': 'screens.anonymous_id',
            'email': segment_email('screens'),
            'event_type': "'screen'",
            'user_agent': 'screens.context_user_agent',
            'campaign': 'screens.context_campaign_name',
            'occurred_at': segment_occurred_at('screens'),
            'loaded_at': segment_loaded_at('screens'),
        }, 'screens') }}

    from screens
    left join users on {{ is_segment_user('screens') }}

    union all

    select
        {{ contract_columns('web_events', {
            'event_id': "'segment ' || identifies.id",
            'visitor_id': 'identifies.anonymous_id',
            'email': 'coalesce(identifies.email, ' ~ segment_email('identifies') ~ ')',
            'event_type': "'identify'",
            'user_agent': 'identifies.context_user_agent',
            'occurred_at': segment_occurred_at('identifies'),
            'loaded_at': segment_loaded_at('identifies'),
        }, 'identifies') }}

    from identifies
    left join users on {{ is_segment_user('identifies') }}

    union all

    select
        {{ contract_columns('web_events', {
            'event_id': "'segment ' || tracks.id",
            'visitor_id': 'tracks.anonymous_id',
            'email': 'tracks.email',
            'event_type': 'tracks.event_name',
            'page_url': 'tracks.context_page_url',
            'user_agent': 'tracks.context_user_agent',
            'campaign': 'tracks.context_campaign_name',
            'occurred_at': 'tracks.occurred_at',
            'loaded_at': 'tracks.loaded_at',
        }, 'tracks') }}

    from tracks

)

select * from final
