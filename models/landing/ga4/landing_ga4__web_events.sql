{#
  One row per Google Analytics 4 event, even if both the daily and the intraday table hold it. A
  page view gets the seconds of attention that its page got in the session. If a page was viewed
  several times, the first view gets them.
#}
{{ config(enabled=is_vendor_on('ga4'), materialized='table') }}
{% set parameters = {
    'page_location': 'page_url', 'ga_session_id': 'session_id', 'campaign': 'campaign_name',
} %}
with

parsed_events as (

    select
        *,
        {{ event_parameters('event_params') }} as event_list

    from {{ raw_table('events', 'ga4') }}

),

events as (

    select
        events.*,
        {% for parameter, column in parameters.items() %}
        coalesce(events.{{ parameter }}, {{ event_parameter('events.event_list', parameter) }})
            as {{ column }},
        {% endfor %}
        coalesce(
            events.engagement_time_msec,
            {{ to_number(event_parameter('events.event_list', 'engagement_time_msec')) }}
        ) * 0.001 as engagement_seconds,
        {{ load_time('events') }} as loaded_at

    from parsed_events as events

),

ranked_events as (

    select
        *,
        row_number() over (
            partition by
                user_pseudo_id, event_name, event_timestamp, event_bundle_sequence_id, page_url
            order by loaded_at desc, {{ by_content(raw_columns('events', 'ga4')) }}
        ) as load_rank

    from events

),

timed_events as (

    select
        *,
        sum(engagement_seconds) over (
            partition by user_pseudo_id, session_id, page_url
        ) as page_seconds,
        row_number() over (
            partition by user_pseudo_id, session_id, page_url, event_name
            order by event_timestamp, event_bundle_sequence_id
        ) as event_number

    from ranked_events
    where load_rank = 1

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'ga4 ' || " ~ dbt.hash(dbt.concat([
                "coalesce(events.user_pseudo_id, '')", "' '",
                'cast(events.event_timestamp as ' ~ dbt.type_string() ~ ')', "' '",
                "coalesce(events.event_bundle_sequence_id, '')", "' '",
                "coalesce(events.page_url, '')"
            ])),
            'visitor_id': 'events.user_pseudo_id',
            'email': "case when events.user_id like '%@%' then events.user_id end",
            'event_type': 'events.event_name',
            'page_url': 'events.page_url',
            'duration_seconds': "case when events.event_name = 'page_view'"
                ~ ' and events.event_number = 1 then events.page_seconds end',
            'campaign': 'events.campaign_name',
            'occurred_at': 'events.event_timestamp',
            'loaded_at': 'events.loaded_at',
        }, 'events') }}

    from timed_events as events

)

select * from final
