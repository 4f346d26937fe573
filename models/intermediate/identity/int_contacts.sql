{# One row per live contact, neither merged nor deleted, with mailbox and persona. #}
with

contacts as (

    select * from {{ ref('stg_crm__contacts') }}

),

personas as (

    select
        *,
        {{ words_pattern('title_pattern') }} as words_pattern

    from {{ ref('personas') }}

),

job_titles as (

    select distinct
        lower(job_title) as job_title,
        {{ words_of(matched_text('job_title')) }} as words

    from contacts
    where job_title is not null

),

title_personas as (

    select
        job_titles.job_title,
        personas.persona,
        personas.weight,
        personas.is_decision_maker,
        row_number() over (
            partition by job_titles.job_title
            order by
                personas.priority desc,
                length(personas.title_pattern) desc,
                personas.title_pattern
        ) as persona_rank

    from job_titles
    inner join personas on job_titles.words like personas.words_pattern

),

final as (

    select
        contacts.contact_id,
        addresses.email,
        contacts.full_name,
        contacts.job_title,
        title_personas.persona,
        coalesce(title_personas.weight, 1) as persona_weight,
        coalesce(title_personas.is_decision_maker, false) as is_decision_maker,
        coalesce(domains.domain_kind = 'own', false) as is_own

    from contacts
    inner join {{ ref('int_contact_ids') }} as contact_ids
        on
            contacts.contact_id = contact_ids.contact_id_text
            and contacts.contact_id = contact_ids.contact_id
    left join {{ ref('int_addresses') }} as addresses
        on contacts.email = addresses.email_text and addresses.value_rank = 1
    left join {{ ref('int_domains') }} as domains on addresses.domain = domains.domain
    left join title_personas
        on
            lower(contacts.job_title) = title_personas.job_title
            and title_personas.persona_rank = 1

)

select * from final
