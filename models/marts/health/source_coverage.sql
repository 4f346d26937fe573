{#
  One row per raw table: what arrived, what of it could be used, how late it is, and how much of it
  has an account.
#}
{% set tables = {
    'crm_accounts': ('base_crm__accounts', 'created_at'),
    'crm_contacts': ('base_crm__contacts', 'created_at'),
    'crm_opportunities': ('base_crm__opportunities', 'created_at'),
    'crm_activities': ('base_crm__activities', 'occurred_at'),
    'email_events': ('base_email__events', 'occurred_at'),
    'web_events': ('base_web__events', 'occurred_at'),
    'content_events': ('base_content__events', 'occurred_at'),
    'linkedin_events': ('base_linkedin__events', 'occurred_at'),
    'ad_events': ('base_ads__events', 'occurred_at'),
    'intent_events': ('base_intent__events', 'occurred_at'),
    'product_events': ('base_product__events', 'occurred_at'),
} %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

raw_counts as (

    -- counted at the source, so that a row lost on the way is noticed
    {% for table in tables %}
    select
        '{{ table }}' as source_table,
        count(*) as raw_rows

    from {{ source('raw', table) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

unreadable as (

    -- lines of a file that are no row, so that no view of it counts them
    select
        source_table,
        count(*) as unreadable_lines

    from {{ source('landing', 'unreadable_lines') }}
    group by source_table

),

landed as (

    {% for table, (model, happened_at) in tables.items() %}
    select
        '{{ table }}' as source_table,
        {{ happened_at == 'occurred_at' }} as is_event,
        sum(case when rejection_reason is null then 1 else 0 end) as staged_rows,
        sum(case when rejection_reason is not null then 1 else 0 end) as rejected_rows,
        sum(unreadable_values) as unreadable_values,
        min(case when rejection_reason is null then {{ happened_at }} end) as first_occurred_at,
        max(case when rejection_reason is null then {{ happened_at }} end) as last_occurred_at,
        max(case when rejection_reason is null then loaded_at end) as last_loaded_at

    from {{ ref(model) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

matched as (

    select
        source_table,
        count(*) as event_rows,
        sum(case when account_id is not null then 1 else 0 end) as matched_rows,
        sum(case when is_machine then 1 else 0 end) as machine_rows

    from {{ ref('int_engagement_events') }}
    group by source_table

),

final as (

    select
        raw_counts.source_table,
        cast(
            raw_counts.raw_rows + coalesce(unreadable.unreadable_lines, 0)
            as {{ dbt.type_bigint() }}
        ) as raw_rows,
        cast(coalesce(landed.staged_rows, 0) as {{ dbt.type_bigint() }}) as staged_rows,
        cast(
            coalesce(landed.rejected_rows, 0) + coalesce(unreadable.unreadable_lines, 0)
            as {{ dbt.type_bigint() }}
        ) as rejected_rows,
        cast(coalesce(landed.unreadable_values, 0) as {{ dbt.type_bigint() }}) as unreadable_values,
        -- null: a CRM table, whose rows are no events
        case
            when landed.is_event
                then cast(coalesce(matched.matched_rows, 0) as {{ dbt.type_bigint() }})
        end as matched_rows,
        case
            when landed.is_event
                then cast(
                    coalesce(matched.event_rows - matched.matched_rows, 0)
                    as {{ dbt.type_bigint() }}
                )
        end as unmatched_rows,
        case
            when landed.is_event
                then cast(coalesce(matched.machine_rows, 0) as {{ dbt.type_bigint() }})
        end as machine_rows,
        cast(matched.matched_rows * 1.0 / nullif(matched.event_rows, 0) as decimal(9, 4))
            as share_matched,
        landed.first_occurred_at,
        landed.last_occurred_at,
        landed.last_loaded_at,
        {{ days_between('landed.last_loaded_at', 'as_of.as_of_date') }} as days_late

    from raw_counts
    cross join as_of
    inner join landed on raw_counts.source_table = landed.source_table
    left join matched on raw_counts.source_table = matched.source_table
    left join unreadable on raw_counts.source_table = unreadable.source_table

)

select * from final
