-- A row is replaced by another row of the same key only if there is one.
with

superseded as (

    select * from {{ ref('rejected_records') }}
    where
        rejection_reason like 'a newer load of the same %'
        or rejection_reason like '% one load %'

),

used as (

    select
        source_table,
        event_id as record_key

    from {{ ref('int_events') }}
    where not is_removed
    {% for table in raw_tables() if not table.is_event %}
    union all
    select
        '{{ table.name }}' as source_table,
        {{ table.key }} as record_key

    from {{ ref(table.used) }}
    {% endfor %}

),

final as (

    select superseded.*

    from superseded
    left join used
        on
            superseded.source_table = used.source_table
            and superseded.record_key = used.record_key
    where used.record_key is null

)

select * from final
