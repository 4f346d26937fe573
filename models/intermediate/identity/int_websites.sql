{#
  One row per value in the text of a domain field, on an account or an event, with the host it
  names. Hosts come first. A null host means the value isn't one. Placeholders have no row.
#}
with

given_texts as (

    select domain as website_text from {{ ref('stg_crm__accounts') }}
    union distinct
    select domain_text as website_text from {{ ref('stg_crm__account_domains') }}
    union distinct
    select company_domain as website_text from {{ ref('int_events') }} where not is_removed

),

seen_texts as {{ computed_once() }} (

    select
        website_text,
        {{ decoded_address('website_text') }} as decoded_text

    from given_texts

),

split_texts as (

    {{ split_values('seen_texts', 'decoded_text', '[\\s,;|"\\x27`<>(){}\\[\\]]+', 'website_text') }}

),

hosts as (

    select
        website_text,
        value_rank,
        value,
        {{ website_host('value') }} as host

    from split_texts
    where not {{ is_placeholder('value') }} and not {{ is_placeholder('website_text') }}

),

judged as (

    select
        hosts.website_text,
        hosts.value_rank,
        hosts.value,
        case
            when {{ is_host('hosts.host') }} and placeholders.value is null then hosts.host
        end as host

    from hosts
    left join {{ ref('placeholders') }} as placeholders on hosts.host = placeholders.value

),

final as (

    select
        website_text,
        value,
        host,
        row_number() over (
            partition by website_text
            order by case when host is null then 2 else 1 end, value_rank
        ) as value_rank

    from judged

)

select * from final
