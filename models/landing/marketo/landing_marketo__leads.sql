{#
  One row per lead with an address, and one per merged lead whose survivor has one: the address under
  which its activities count. A deleted lead has no row, so that its activities are nobody's.
#}
{{ config(enabled=is_vendor_on('marketo'), materialized='table') }}
with recursive

leads as (

    {{ newest_vendor_rows('lead', 'marketo') }}

),

activities as (

    select * from {{ ref('landing_marketo__activities') }}

),

merges as (

    -- '[12, 13]' are two leads that are gone
    select
        activities.lead_id as survivor_id,
        activities.activity_date,
        trim(split_part(
            replace(replace(activities.merge_ids, '[', ''), ']', ''), ',',
            cast(numbers.number as {{ dbt.type_int() }})
        )) as merged_id

    from activities
    inner join {{ ref('int_numbers') }} as numbers
        on
            numbers.number > 0
            and numbers.number
            <= length(activities.merge_ids) - length(replace(activities.merge_ids, ',', '')) + 1
    where activities.activity_kind = 'merge_leads'

),

ranked_merges as (

    select
        *,
        row_number() over (
            partition by merged_id
            order by activity_date desc, survivor_id
        ) as merge_rank

    from merges

),

links as (

    select
        merged_id as id,
        survivor_id as next_id

    from ranked_merges
    where merge_rank = 1

    union all

    select
        id,
        {{ null_text() }} as next_id

    from leads
    where id not in (select merged_id from merges where merged_id is not null)

),

steps as (

    {{ chain_steps('links') }}

),

ends as (

    {{ chain_ends() }}

),

deletions as (

    select distinct lead_id from activities
    where activity_kind = 'delete_lead'

),

final as (

    select
        ends.id as lead_id,
        leads.email

    from ends
    inner join leads on ends.end_id = leads.id
    left join deletions on ends.end_id = deletions.lead_id
    where
        leads.email is not null
        and not coalesce(leads._fivetran_deleted, false)
        and deletions.lead_id is null

)

select * from final
