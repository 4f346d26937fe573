{#
  One row per Google Analytics 4 event, even if both the daily and the intraday table hold it. A
  page view gets the seconds of attention that its page got in the session. If a page was viewed
  several times, the first view gets them. The address of a download is that of the file.
#}
{{ config(enabled=is_vendor_on('ga4'), materialized='table') }}
{% set parameters = {
    'page_location': 'page_url', 'ga_session_id': 'session_id', 'campaign': 'campaign_name',
    'link_url': 'link_address', 'file_name': 'name_of_file',
} %}
{# events of one bundle can have one time #}
{% set key = [
    'user_pseudo_id', 'event_timestamp', 'event_bundle_sequence_id', 'batch_event_index',
    'page_url', 'link_address', 'name_of_file',
] %}
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
        -- without both, it could be anybody's
        user_pseudo_id is not null and session_id is not null as is_of_a_session,
        row_number() over (
            partition by event_name, {{ key | join(', ') }}
            order by loaded_at desc, {{ by_content(raw_columns('events', 'ga4')) }}
        ) as load_rank

    from events

),

timed_events as (

    select
        *,
        case
            when is_of_a_session
                then sum(engagement_seconds) over (
                    partition by user_pseudo_id, session_id, page_url
                )
            else engagement_seconds
        end as page_seconds,
        is_of_a_session and row_number() over (
            partition by user_pseudo_id, session_id, page_url, event_name
            order by event_timestamp, event_bundle_sequence_id, batch_event_index
        ) > 1 as is_viewed_again,
        is_of_a_session and max(
            case when event_name = 'form_submit' then 1 else 0 end
        ) over (partition by user_pseudo_id, session_id) = 1 as has_form

    from ranked_events
    where load_rank = 1

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'ga4 ' || " ~ dbt.hash(key_text(key)),
            'visitor_id': 'events.user_pseudo_id',
            'email': "case when events.user_id like '%@%' then events.user_id end",
            'event_type': "case when events.event_name = 'generate_lead' and events.has_form"
                ~ " then 'lead of a form' else events.event_name end",
            'page_url': "case when events.event_name = 'file_download'"
                ~ ' then coalesce(events.link_address, events.name_of_file, events.page_url)'
                ~ ' else events.page_url end',
            'duration_seconds': "case when events.event_name = 'page_view'"
                ~ ' and not events.is_viewed_again then events.page_seconds end',
            'campaign': 'events.campaign_name',
            'occurred_at': 'events.event_timestamp',
            'loaded_at': 'events.loaded_at',
        }, 'events') }}

    from timed_events as events

)

select * from final
