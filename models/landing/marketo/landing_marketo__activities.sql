{#
  One row per activity of Marketo of a kind that is read: from the tables of a connector, one per kind,
  and from the table of all activities that an export is. Where the seed `event_words` knows the name of
  a form as the content that was asked for, such as "Request a demo", it is `content_type`, as the new
  status in a program always is.
#}
{{ config(enabled=is_vendor_on('marketo')) }}
{% set shared_columns = [
    'lead_id', 'activity_date', 'primary_attribute_value', 'primary_attribute_value_id',
    'campaign_id',
] %}
{% set further_columns = [
    'address', 'user_agent', 'is_bot_activity', 'new_status', 'merge_ids',
] %}
with

tables_of_kinds as (

    {% for kind, given in marketo_activities().items() %}
    select
        id as activity_id,
        '{{ kind }}' as activity_kind,
        {{ shared_columns | join(', ') }},
        {% for column in further_columns %}
        cast({{ given.get(column, 'null') }} as {{ dbt.type_string() }}) as {{ column }},
        {% endfor %}
        {{ load_time('activities') }} as loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from {{ raw_table('activity_' ~ kind, 'marketo') }} as activities
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

table_of_all as (

    select
        id as activity_id,
        {{ marketo_activity_kind('activity_type_id') }} as activity_kind,
        {{ shared_columns | join(', ') }},
        coalesce(
            {{ json_member('attributes', 'Link') }},
            {{ json_member('attributes', 'Webpage URL') }},
            {{ json_member('attributes', 'Referrer URL') }}
        ) as address,
        {{ json_member('attributes', 'User Agent') }} as user_agent,
        {{ json_member('attributes', 'Is Bot Activity') }} as is_bot_activity,
        {{ json_member('attributes', 'New Status') }} as new_status,
        {{ json_member('attributes', 'Merge IDs') }} as merge_ids,
        {{ load_time('activities') }} as loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from {{ raw_table('activities', 'marketo') }} as activities

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
        activities.lead_id,
        activities.activity_date,
        activities.primary_attribute_value as asset_name,
        activities.primary_attribute_value_id as asset_id,
        activities.campaign_id,
        activities.address,
        activities.user_agent,
        coalesce(lower(activities.is_bot_activity) in ('true', '1'), false) as is_bot_activity,
        case
            when activities.activity_kind = 'change_status_in_progression'
                then activities.new_status
            when known_types.plain_word is not null then activities.primary_attribute_value
        end as content_type,
        activities.merge_ids,
        activities.loaded_at,
        {% for column in landing_columns() %}
        activities.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}

    from all_activities as activities
    left join known_types
        on
            activities.activity_kind like 'fill_out_%'
            and {{ plain_word('activities.primary_attribute_value') }} = known_types.plain_word
    where activities.activity_kind is not null

)

select * from final
