{#
  One row per thing an event can be identified by (an account id, contact id, email, visitor, company
  domain or user agent) and what it leads to today, as one text. Where the text is another one than
  in the build before, the events that carry the thing have to be identified again.
#}
with

contacts as (

    select
        contact_id,
        {{ key_text(['contact_id', 'account_id', 'persona', 'is_decision_maker']) }} as answer

    from {{ ref('int_contacts') }}

),

email_answers as (

    select
        email_people.email,
        {{ key_text([
            'email_people.person_id', 'email_people.account_id', 'email_people.match_method',
            'contacts.answer',
        ]) }} as answer

    from {{ ref('int_email_people') }} as email_people
    left join contacts on email_people.contact_id = contacts.contact_id

),

final as (

    select
        'account' as thing,
        account_id as thing_id,
        account_id as answer

    from {{ ref('stg_crm__accounts') }}

    union all

    select
        'contact' as thing,
        survivors.contact_id as thing_id,
        {{ key_text(['survivors.survivor_contact_id', 'contacts.answer']) }} as answer

    from {{ ref('int_contact_survivors') }} as survivors
    left join contacts on survivors.survivor_contact_id = contacts.contact_id

    union all

    select
        'email' as thing,
        email as thing_id,
        answer

    from email_answers

    union all

    select
        'visitor' as thing,
        visitor_emails.visitor_id as thing_id,
        {{ fingerprint(key_text([
            'visitor_emails.valid_from', 'visitor_emails.valid_until', 'visitor_emails.known_at',
            'visitor_emails.email', 'email_answers.answer',
        ])) }} as answer

    from {{ ref('int_visitor_emails') }} as visitor_emails
    left join email_answers on visitor_emails.email = email_answers.email
    group by visitor_emails.visitor_id

    union all

    select
        'domain' as thing,
        domain as thing_id,
        account_id as answer

    from {{ ref('int_domain_accounts') }}

    union all

    select
        'user_agent' as thing,
        user_agent as thing_id,
        'machine' as answer

    from {{ ref('int_machine_agents') }}

)

select * from final
