{# One row per Outreach prospect, including deleted ones. #}
{{ config(enabled=is_vendor_on('outreach'), materialized=for_many_readers()) }}
with

prospects as (

    {{ record_loads('outreach', 'prospect', 'id') }}

),

prospect_emails as (

    select * from {{ ref('landing_outreach__prospect_emails') }}

),

final as (

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'prospects.id',
            'account_id': listed('prospects.relationship_account_id'),
            'email': 'prospect_emails.emails',
            'full_name': full_name('prospects.name', 'prospects.first_name', 'prospects.last_name'),
            'job_title': 'prospects.title',
            'is_deleted':
                is_gone(['_fivetran_deleted'], 'prospects') ~ ' or prospects.trashed_at is not null',
            'created_at': 'prospects.created_at',
            'loaded_at': load_time('prospects'),
        }, 'prospects') }}

    from prospects
    left join prospect_emails
        on {{ without_decimals('prospects.id') }} = prospect_emails.prospect_id

)

select * from final
