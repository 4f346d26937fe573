{#
  One row per Salesforce contact and lead, including merged and deleted ones. A converted lead
  counts as merged into its contact.
#}
{{ config(enabled=is_vendor_on('salesforce'), materialized=for_many_readers()) }}
with

contacts as (

    {{ record_loads('salesforce', 'contact', 'id') }}

),

leads as (

    {{ record_loads('salesforce', 'lead', 'id') }}

),

final as (

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'contacts.id',
            'account_id': 'contacts.account_id',
            'email': 'contacts.email',
            'full_name': full_name('contacts.name', 'contacts.first_name', 'contacts.last_name'),
            'job_title': 'contacts.title',
            'merged_into_contact_id': 'contacts.master_record_id',
            'is_deleted': is_gone(['is_deleted'], 'contacts'),
            'created_at': 'contacts.created_date',
            'loaded_at': load_time('contacts'),
        }, 'contacts') }}

    from contacts

    union all

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'leads.id',
            'account_id': 'leads.converted_account_id',
            'email': 'leads.email',
            'full_name': full_name('leads.name', 'leads.first_name', 'leads.last_name'),
            'job_title': 'leads.title',
            'merged_into_contact_id': 'coalesce(leads.converted_contact_id, leads.master_record_id)',
            'is_deleted': is_gone(['is_deleted'], 'leads'),
            'created_at': 'leads.created_date',
            'loaded_at': load_time('leads'),
        }, 'leads') }}

    from leads

)

select * from final
