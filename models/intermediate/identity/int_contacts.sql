{# One row per live contact (neither merged away nor deleted) with its account and persona. #}
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
        -- null: neither the CRM nor the domain leads to an account
        coalesce(accounts.account_id, domain_accounts.account_id) as account_id,
        contacts.email,
        contacts.full_name,
        contacts.job_title,
        title_personas.persona,
        coalesce(title_personas.weight, 1) as persona_weight,
        coalesce(title_personas.is_decision_maker, false) as is_decision_maker,
        case
            when accounts.account_id is not null then 'email'
            when domain_accounts.account_id is not null then 'email_domain'
        end as match_method,
        contacts.created_at

    from contacts
    inner join {{ ref('int_contact_survivors') }} as survivors
        on
            contacts.contact_id = survivors.contact_id
            and contacts.contact_id = survivors.survivor_contact_id
    left join {{ ref('stg_crm__accounts') }} as accounts
        on contacts.account_id = accounts.account_id
    left join {{ ref('int_domain_accounts') }} as domain_accounts
        on {{ email_domain('contacts.email') }} = domain_accounts.domain
    left join title_personas
        on
            lower(contacts.job_title) = title_personas.job_title
            and title_personas.persona_rank = 1

)

select * from final
