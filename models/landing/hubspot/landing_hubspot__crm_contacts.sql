{#
  One row per HubSpot contact, including deleted contacts and contacts that disappeared in a merge.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

contact_loads as (

    {{ record_loads('hubspot', 'contact', 'id') }}

),

contacts as (

    select
        *,
        coalesce(
            property_hs_merged_object_ids,
            {{ replace_all('property_hs_calculated_merged_vids', ':[0-9]+', '') }}
        ) as merged_ids,
        {{ is_gone(['is_deleted', '_fivetran_deleted', 'archived']) }} as is_gone

    from contact_loads

),

merged as (

    {{ merged_records('contacts') }}

),

audits as (

    select
        *,
        {{ without_decimals('vid_to_merge') }} as merged_id,
        {{ without_decimals('canonical_vid') }} as survivor_id

    from {{ raw_table('contact_merge_audit', 'hubspot') }}

),

survivors as (

    select
        merged_id,
        max(survivor_id) as survivor_id

    from (
        select
            merged_id,
            survivor_id

        from merged
        union all
        select
            merged_id,
            survivor_id

        from audits
    ) as all_merges
    group by merged_id

),

companies as (

    {{ linked_companies('contact_company', 'contact_id', '1') }}

),

final as (

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'contacts.id',
            'account_id':
                'coalesce(contacts.property_associatedcompanyid, companies.company_id, '
                ~ listed('contacts.companies') ~ ')',
            'email':
                both('contacts.property_email', 'contacts.property_hs_additional_emails'),
            'full_name':
                full_name('null', 'contacts.property_firstname', 'contacts.property_lastname'),
            'job_title': 'contacts.property_jobtitle',
            'merged_into_contact_id': 'survivors.survivor_id',
            'is_deleted': 'contacts.is_gone',
            'created_at': 'contacts.property_createdate',
            'loaded_at': load_time('contacts'),
        }, 'contacts') }}

    from contacts
    left join survivors on contacts.record_key = survivors.merged_id
    left join companies on contacts.record_key = companies.record_key

    union all

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'merged.merged_id',
            'merged_into_contact_id': 'contacts.id',
            'loaded_at': load_time('contacts'),
        }, 'contacts') }}

    from merged
    inner join contacts on merged.survivor_row_id = contacts.row_id
    left join contacts as known_contacts on merged.merged_id = known_contacts.record_key
    where known_contacts.record_key is null

    union all

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'audits.merged_id',
            'merged_into_contact_id': 'audits.survivor_id',
            'loaded_at': load_time('audits'),
        }, 'audits') }}

    from audits
    left join contacts as known_contacts on audits.merged_id = known_contacts.record_key
    where known_contacts.record_key is null

)

select * from final
