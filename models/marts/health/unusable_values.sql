{#
  One row per value in a CRM row that can't be used. Examples are an account that isn't in the CRM,
  a domain that belongs to no company, and an invalid address.
#}
with

account_ids as (

    select * from {{ ref('int_account_ids') }}

),

named_accounts as (

    select
        'crm_opportunities' as source_table,
        opportunity_id as record_key,
        'account_id' as column_name,
        account_id as value,
        true as is_needed

    from {{ ref('stg_crm__opportunities') }}
    where not is_deleted

    union all

    select
        'account_domains' as source_table,
        account_id || ' ' || domain as record_key,
        'account_id' as column_name,
        account_id as value,
        true as is_needed

    from {{ ref('stg_crm__account_domains') }}

    union all

    select
        'crm_contacts' as source_table,
        contact_id as record_key,
        'account_id' as column_name,
        account_id as value,
        false as is_needed

    from {{ ref('stg_crm__contacts') }}
    where not is_deleted

    {% for column in ('parent_account_id', 'merged_into_account_id') %}
    union all

    select
        'crm_accounts' as source_table,
        account_id as record_key,
        '{{ column }}' as column_name,
        {{ column }} as value,
        false as is_needed

    from {{ ref('stg_crm__accounts') }}

    {% endfor %}
),

lost_accounts as (

    select
        named_accounts.source_table,
        named_accounts.record_key,
        named_accounts.column_name,
        named_accounts.value,
        case
            when placeholders.value is not null or named_accounts.value is null
                then 'no account is given'
            when account_ids.account_id_text is null then 'no account in the CRM has this id'
            else 'the account is deleted'
        end as reason

    from named_accounts
    left join account_ids on named_accounts.value = account_ids.account_id_text
    left join {{ ref('placeholders') }} as placeholders
        on lower(named_accounts.value) = placeholders.value
    where
        account_ids.account_id is null
        and (
            named_accounts.is_needed
            or (named_accounts.value is not null and placeholders.value is null)
        )

),

named_domains as (

    select
        'crm_accounts' as source_table,
        account_id as record_key,
        account_id,
        domain as website_text

    from {{ ref('stg_crm__accounts') }}

    union all

    select
        'account_domains' as source_table,
        account_id || ' ' || domain as record_key,
        account_id,
        domain_text as website_text

    from {{ ref('stg_crm__account_domains') }}

),

lost_domains as (

    select
        named_domains.source_table,
        named_domains.record_key,
        'domain' as column_name,
        websites.value,
        case
            when websites.host is null then 'not a domain'
            when domains.domain_kind = 'free_mail' then 'a mail provider, not a company'
            when domains.domain_kind = 'public_suffix'
                then 'a public suffix under which anyone can register'
            when domains.domain_kind = 'shared_host' then 'shared by many companies'
            when domains.domain_kind = 'own' then 'one of our own domains'
            else 'leads to another account with this domain: ' || domain_accounts.account_id
        end as reason

    from named_domains
    inner join account_ids
        on named_domains.account_id = account_ids.account_id_text
    inner join {{ ref('int_websites') }} as websites
        on named_domains.website_text = websites.website_text
    left join {{ ref('int_domains') }} as domains on websites.host = domains.domain
    left join {{ ref('int_domain_accounts') }} as domain_accounts
        on websites.host = domain_accounts.domain
    where
        account_ids.account_id is not null
        and (
            domain_accounts.account_id is null
            or domain_accounts.account_id <> account_ids.account_id
        )

),

lost_addresses as (

    select
        'crm_contacts' as source_table,
        contacts.contact_id as record_key,
        'email' as column_name,
        contacts.email as value,
        'not an email address' as reason

    from {{ ref('stg_crm__contacts') }} as contacts
    left join {{ ref('int_addresses') }} as addresses on contacts.email = addresses.email_text
    where
        addresses.email is null
        and not contacts.is_deleted
        and contacts.email is not null
        and not {{ is_placeholder('contacts.email') }}

),

lost_survivors as (

    select
        'crm_contacts' as source_table,
        contacts.contact_id as record_key,
        'merged_into_contact_id' as column_name,
        contacts.merged_into_contact_id as value,
        'no contact in the CRM has this id' as reason

    from {{ ref('stg_crm__contacts') }} as contacts
    left join {{ ref('int_contact_ids') }} as contact_ids
        on contacts.merged_into_contact_id = contact_ids.contact_id_text
    where
        contact_ids.contact_id_text is null
        and contacts.merged_into_contact_id is not null
        and not {{ is_placeholder('contacts.merged_into_contact_id') }}

),

placeholder_ids as (

    {% for record, model in (('account', 'stg_crm__accounts'), ('contact', 'stg_crm__contacts')) %}
    select
        'crm_{{ record }}s' as source_table,
        {{ record }}_id as record_key,
        '{{ record }}_id' as column_name,
        {{ record }}_id as value,
        'a placeholder, so the {{ record }} is ignored' as reason

    from {{ ref(model) }}
    where {{ is_placeholder(record ~ '_id') }} and not is_deleted
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select * from lost_accounts
    union all
    select * from lost_domains
    union all
    select * from lost_addresses
    union all
    select * from lost_survivors
    union all
    select * from placeholder_ids

)

select * from final
