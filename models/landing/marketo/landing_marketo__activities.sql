{#
  One row per activity of Marketo of a kind that is read: from the tables of a connector, one per kind,
  and from the table of all activities that an export is.
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

final as (

    select
        activity_id,
        activity_kind,
        lead_id,
        activity_date,
        primary_attribute_value as asset_name,
        primary_attribute_value_id as asset_id,
        campaign_id,
        address,
        user_agent,
        coalesce(lower(is_bot_activity) in ('true', '1'), false) as is_bot_activity,
        new_status,
        merge_ids,
        loaded_at,
        {{ landing_columns().keys() | join(', ') }}

    from all_activities
    where activity_kind is not null

)

select * from final
