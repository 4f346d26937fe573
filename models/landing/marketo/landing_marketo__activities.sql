{#
  One row per Marketo activity of a kind that is read. It reads the connectors' tables, which have
  one table per kind, and the single table of an export. If the seed `event_words` knows a form's
  name as a request for content, such as "Request a demo", `content_type` holds the type. For a new
  status in a program it always does. `agent` is the user agent, or Marketo's verdict that it was a
  bot.
#}
{{ config(enabled=is_vendor_on('marketo'), materialized=for_many_readers()) }}
{% set ids = ['lead_id', 'campaign_id', 'asset_id'] %}
{% set shared_columns = ['activity_date'] + landing_columns().keys() | list %}
{% set further_columns = [
    'address', 'user_agent', 'is_bot_activity', 'new_status', 'merge_ids',
] %}
with

tables_of_kinds as (

    {% for kind, given in marketo_activities().items() %}
    select
        activities.id as activity_id,
        '{{ kind }}' as activity_kind,
        activities.primary_attribute_value as asset_name,
        activities.lead_id,
        activities.campaign_id,
        activities.primary_attribute_value_id as asset_id,
        {% for column in shared_columns %}
        activities.{{ column }},
        {% endfor %}
        {% for column in further_columns %}
        cast({{ given.get(column, 'null') }} as {{ dbt.type_string() }}) as {{ column }},
        {% endfor %}
        {{ load_time('activities') }} as loaded_at

    from {{ raw_table('activity_' ~ kind, 'marketo', 'activities') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

table_of_all as (

    select
        activities.id as activity_id,
        {{ marketo_activity_kind('activities.activity_type_id') }} as activity_kind,
        activities.primary_attribute_value as asset_name,
        activities.lead_id,
        activities.campaign_id,
        activities.primary_attribute_value_id as asset_id,
        {% for column in shared_columns %}
        activities.{{ column }},
        {% endfor %}
        coalesce(
            {{ json_member('activities.attributes', 'Link') }},
            {{ json_member('activities.attributes', 'Webpage URL') }},
            {{ json_member('activities.attributes', 'Referrer URL') }}
        ) as address,
        {{ json_member('activities.attributes', 'User Agent') }} as user_agent,
        {{ json_member('activities.attributes', 'Is Bot Activity') }} as is_bot_activity,
        {{ json_member('activities.attributes', 'New Status') }} as new_status,
        {{ json_member('activities.attributes', 'Merge IDs') }} as merge_ids,
        {{ load_time('activities') }} as loaded_at

    from {{ raw_table('activities', 'marketo', 'activities') }}

),

all_activities as (

    select * from tables_of_kinds
    union all
    select * from table_of_all

),

known_types as (

    {{ translated_words('content_events', 'event_type') }}

),

final as (

    select
        activities.activity_id,
        activities.activity_kind,
        activities.asset_name,
        {% for column in ids %}
        {{ without_decimals('activities.' ~ column) }} as {{ column }},
        {% endfor %}
        {% for column in shared_columns + further_columns %}
        activities.{{ column }},
        {% endfor %}
        activities.loaded_at,
        case
            when activities.activity_kind = 'change_status_in_progression'
                then activities.new_status
            when known_types.plain_word is not null then activities.asset_name
        end as content_type,
        case
            when lower(activities.is_bot_activity) in ('true', '1') then 'Marketo bot activity'
            else activities.user_agent
        end as agent

    from all_activities as activities
    left join known_types
        on
            activities.activity_kind like 'fill_out_%'
            and {{ plain_word('activities.asset_name') }} = known_types.plain_word
    where activities.activity_kind is not null

)

select * from final
