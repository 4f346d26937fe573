{#
  One row per raw table: how many rows arrived, how many could be used, how late they are, and how
  many have an account.
#}
{% set tables = raw_tables() %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

limits as (

    {{ source_limits() }}

),

landed as (

    -- counted before staging, so that a row lost on the way is noticed
    {% for table in tables %}
    select
        '{{ table.name }}' as source_table,
        {{ table.is_event }} as is_event,
        count(*) as raw_rows,
        count({{ row_fault(table.name) }}) as unusable_rows,
        sum(unreadable_values) as unreadable_values

    from {{ contract_rows(table.name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

lines as (

    -- these could not be parsed, so they are no rows
    select
        source_table,
        count(*) as unreadable_lines

    from {{ unreadable_lines() }}
    group by source_table

),

used as (

    select
        source_table,
        count(*) as staged_rows,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at,
        max(loaded_at) as last_loaded_at

    from {{ ref('int_events') }}
    where not is_removed
    group by source_table
    {% for table in tables if not table.is_event %}
    union all
    select
        '{{ table.name }}' as source_table,
        count(*) as staged_rows,
        min({{ table.happened_at }}) as first_occurred_at,
        max({{ table.happened_at }}) as last_occurred_at,
        max(loaded_at) as last_loaded_at

    from {{ ref(table.used) }}
    {% endfor %}

),

rejected as (

    select
        source_table,
        count(*) as rejected_rows

    from {{ ref('rejected_records') }}
    group by source_table

),

matched as (

    select
        source_table,
        count(*) as counted_rows,
        sum(case when account_id is not null then 1 else 0 end) as matched_rows,
        sum(case when is_machine then 1 else 0 end) as machine_rows

    from {{ ref('int_event_identities') }}
    group by source_table

    union all

    {% for table in tables if table.name in ('crm_opportunities', 'account_domains') %}
    select
        '{{ table.name }}' as source_table,
        count(*) as counted_rows,
        count(account_ids.account_id) as matched_rows,
        cast(null as integer) as machine_rows

    from {{ ref(table.used) }} as staged
    left join {{ ref('int_account_ids') }} as account_ids
        on staged.account_id = account_ids.account_id_text

    union all

    {% endfor %}
    select
        'crm_contacts' as source_table,
        count(*) as counted_rows,
        count(contact_accounts.account_id) as matched_rows,
        cast(null as integer) as machine_rows

    from {{ ref('stg_crm__contacts') }} as staged
    left join {{ ref('int_contact_ids') }} as contact_ids
        on staged.contact_id = contact_ids.contact_id_text
    left join {{ ref('int_contact_accounts') }} as contact_accounts
        on
            contact_ids.contact_id = contact_accounts.contact_id
            and contact_accounts.valid_until = {{ last_day() }}

),

final as (

    select
        landed.source_table,
        cast(landed.raw_rows + coalesce(lines.unreadable_lines, 0) as {{ dbt.type_bigint() }})
            as raw_rows,
        cast(coalesce(used.staged_rows, 0) as {{ dbt.type_bigint() }}) as staged_rows,
        cast(coalesce(rejected.rejected_rows, 0) as {{ dbt.type_bigint() }}) as rejected_rows,
        cast(landed.unusable_rows + coalesce(lines.unreadable_lines, 0) as {{ dbt.type_bigint() }})
            as unusable_rows,
        cast(coalesce(landed.unreadable_values, 0) as {{ dbt.type_bigint() }}) as unreadable_values,
        -- null for crm_accounts, which holds the accounts
        case
            when landed.source_table <> 'crm_accounts'
                then cast(coalesce(matched.matched_rows, 0) as {{ dbt.type_bigint() }})
        end as matched_rows,
        case
            when landed.source_table <> 'crm_accounts'
                then cast(
                    coalesce(matched.counted_rows - matched.matched_rows, 0)
                    as {{ dbt.type_bigint() }}
                )
        end as unmatched_rows,
        case
            when landed.is_event
                then cast(coalesce(matched.machine_rows, 0) as {{ dbt.type_bigint() }})
        end as machine_rows,
        cast(matched.matched_rows * 1.0 / nullif(matched.counted_rows, 0) as decimal(9, 4))
            as share_matched,
        used.first_occurred_at,
        used.last_occurred_at,
        used.last_loaded_at,
        {{ days_between('used.last_loaded_at', 'as_of.as_of_date') }} as days_late,
        limits.allowed_days_late,
        limits.allowed_unusable_share,
        limits.is_required

    from landed
    cross join as_of
    inner join limits on landed.source_table = limits.source_table
    left join lines on landed.source_table = lines.source_table
    left join used on landed.source_table = used.source_table
    left join rejected on landed.source_table = rejected.source_table
    left join matched on landed.source_table = matched.source_table

)

select * from final
