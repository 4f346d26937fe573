{#
  One row per Marketo lead with an email address, including merged leads, which get the address of
  the lead they were merged into. Activities are counted under this address. A deleted lead has no
  row.
#}
{{ config(enabled=is_vendor_on('marketo'), materialized='table') }}
with recursive

leads as (

    {{ newest_rows('marketo', 'lead', 'id') }}

),

activities as (

    select * from {{ ref('landing_marketo__activities') }}

),

survivors as (

    select
        lead_id as record_key,
        {{ listed('merge_ids') }} as merged_ids,
        row_id

    from activities
    where activity_kind = 'merge_leads'

),

merged_leads as (

    {{ merged_records('survivors') }}

),

links as (

    select
        merged_id as id,
        min(survivor_id) as next_id

    from merged_leads
    group by merged_id

    union all

    select
        record_key as id,
        {{ null_text() }} as next_id

    from leads
    where record_key not in (select merged_id from merged_leads)

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
    inner join leads on ends.end_id = leads.record_key
    left join deletions on ends.end_id = deletions.lead_id
    where
        leads.email is not null
        and not {{ is_gone(['_fivetran_deleted'], 'leads') }}
        and deletions.lead_id is null

)

select * from final
