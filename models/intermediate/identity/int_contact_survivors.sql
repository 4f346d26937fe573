{#
  One row per contact, merged and deleted ones included, and the live contact that stands for it.
#}
with recursive

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

merge_steps as (

    select
        contact_id,
        contact_id as survivor_id,
        0 as merge_count

    from contacts

    union all

    -- twenty merges in a row are a circle
    select
        merge_steps.contact_id,
        survivors.contact_id as survivor_id,
        merge_steps.merge_count + 1 as merge_count

    from merge_steps
    inner join contacts on merge_steps.survivor_id = contacts.contact_id
    inner join contacts as survivors on contacts.merged_into_contact_id = survivors.contact_id
    where merge_steps.merge_count < 20

),

last_merges as (

    select
        contact_id,
        -- in a circle everybody stands for himself
        case when merge_count = 20 then contact_id else survivor_id end as survivor_id,
        row_number() over (partition by contact_id order by merge_count desc) as merge_rank

    from merge_steps

),

final as (

    select
        last_merges.contact_id,
        -- null: the contact stands for nobody
        case when not contacts.is_deleted then last_merges.survivor_id end as survivor_contact_id

    from last_merges
    inner join contacts on last_merges.survivor_id = contacts.contact_id
    where last_merges.merge_rank = 1

)

select * from final
