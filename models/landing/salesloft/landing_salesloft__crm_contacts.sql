{# One row per Salesloft person, including deleted ones. #}
{{ config(enabled=is_vendor_on('salesloft'), materialized=for_many_readers()) }}
with

people as (

    {{ record_loads('salesloft', 'people', 'id') }}

),

final as (

    select
        {{ contract_columns('crm_contacts', {
            'contact_id': 'people.id',
            'account_id': id_or_object('people.account_id', 'people.account'),
            'email': both('people.email_address', 'people.secondary_email_address'),
            'full_name': full_name('people.display_name', 'people.first_name', 'people.last_name'),
            'job_title': 'people.title',
            'is_deleted': is_gone(['_fivetran_deleted'], 'people'),
            'created_at': 'people.created_at',
            'loaded_at': load_time('people'),
        }, 'people') }}

    from people

)

select * from final
