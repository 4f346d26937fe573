{#
  One row per event of Google Analytics 4; the tables of a day and those within the day have most events
  twice. A page view has the seconds of attention that the page got in the session; of several views of
  a page in a session, the first.
#}
{{ config(enabled=is_vendor_on('ga4'), materialized='table') }}
{% set parameters = ['page_location', 'ga_session_id', 'campaign'] %}
with

events as (

    select
        event_name,
        event_timestamp,
        event_bundle_sequence_id,
        user_pseudo_id,
        user_id,
        {% for parameter in parameters %}
        coalesce({{ parameter }}, {{ event_parameter('event_params', parameter) }})
            as {{ parameter }},
        {% endfor %}
        coalesce(
            engagement_time_msec,
            {{ to_number(event_parameter('event_params', 'engagement_time_msec')) }}
        ) / 1000 as engagement_seconds,
        {{ load_time('events') }} as loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from {{ raw_table('events', 'ga4') }} as events

),

ranked_events as (

    select
        *,
        row_number() over (
            partition by
                user_pseudo_id, event_name, event_timestamp, event_bundle_sequence_id, page_location
            order by loaded_at desc, row_id desc
        ) as load_rank

    from events

),

timed_events as (

    select
        *,
        sum(engagement_seconds) over (
            partition by user_pseudo_id, ga_session_id, page_location
        ) as page_seconds,
        row_number() over (
            partition by user_pseudo_id, ga_session_id, page_location, event_name
            order by event_timestamp, row_id
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
                "coalesce(events.page_location, '')"
            ])),
            'visitor_id': 'events.user_pseudo_id',
            'email': "case when events.user_id like '%@%' then events.user_id end",
            'event_type': 'events.event_name',
            'page_url': 'events.page_location',
            'duration_seconds': "case when events.event_name = 'page_view'"
                ~ ' and events.event_number = 1 then events.page_seconds end',
            'campaign': 'events.campaign',
            'occurred_at': 'events.event_timestamp',
            'loaded_at': 'events.loaded_at',
        }, 'events') }}

    from timed_events as events

)

select * from final
