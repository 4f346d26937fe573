{#
  One row per address in the text of an address field, on a contact or an event. The mailbox has one
  spelling for all, without display name, "mailto:" and plus-tag. An address in angle brackets comes
  first. Placeholders have no row.
#}
with

contact_texts as (

    select email from {{ ref('stg_crm__contact_loads') }}
    union distinct
    select email from {{ ref('int_events') }} where not is_removed

),

decoded_texts as {{ computed_once() }} (

    select
        email as email_text,
        {{ decoded_address('email') }} as decoded_text

    from contact_texts
    where email is not null

),

bracketed_texts as (

    select
        email_text,
        decoded_text,
        {{ first_match('decoded_text', '<[^<>@]*@[^<>@]*>') }} as bracketed

    from decoded_texts

),

seen_texts as (

    -- a display name can be another address
    select
        email_text,
        case
            when bracketed <> ''
                then bracketed || ' ' || replace(decoded_text, bracketed, ' ')
            else decoded_text
        end as decoded_text

    from bracketed_texts

),

split_texts as (

    {{ split_values('seen_texts', 'decoded_text', '[\\s<>,;:"(){}\\[\\]|?/\\\\]+', 'email_text') }}

),

candidates as (

    select
        email_text,
        value_rank,
        {{ replace_all('value', '^(e-?mail=|[.\\x27`*=#&!~])+|[.\\x27`_-]+$', '') }} as address

    from split_texts
    where value like '%@%'

),

parts as (

    select
        email_text,
        value_rank,
        split_part(address, '@', 1) as mailbox,
        split_part(address, '@', 2) as domain

    from candidates
    where length(address) - length(replace(address, '@', '')) = 1

),

roles as (

    select distinct {{ plain_word('mailbox') }} as mailbox_word from {{ ref('role_mailboxes') }}

),

mailboxes as (

    select
        parts.email_text,
        parts.value_rank,
        case
            when rules.ignores_dots then replace(split_part(parts.mailbox, '+', 1), '.', '')
            else split_part(parts.mailbox, '+', 1)
        end as mailbox,
        coalesce(rules.same_as_domain, parts.domain) as domain

    from parts
    left join {{ ref('mailbox_rules') }} as rules on parts.domain = rules.domain
    where
        split_part(parts.mailbox, '+', 1) <> ''
        and {{ is_host('parts.domain') }}
        and not {{ is_placeholder('parts.domain') }}

),

final as (

    select
        mailboxes.email_text,
        mailboxes.mailbox || '@' || mailboxes.domain as email,
        mailboxes.domain,
        roles.mailbox_word is not null as is_role_mailbox,
        row_number() over (
            partition by mailboxes.email_text
            order by mailboxes.value_rank
        ) as value_rank

    from mailboxes
    left join roles on {{ plain_word('mailboxes.mailbox') }} = roles.mailbox_word

)

select * from final
