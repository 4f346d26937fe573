{#
  One row per HubSpot form that a contact submitted. If the seed `event_words` knows the form's name
  or title as a request for content, such as "Request a demo", `content_type` holds the type.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized='table') }}
with

forms as (

    {{ newest_rows('hubspot', 'form', 'guid') }}

),

contacts as (

    select * from {{ ref('landing_hubspot__contact_emails') }}

),

known_types as (

    {{ translated_words('content_events', 'event_type') }}

),

submissions as (

    select
        submissions.*,
        contacts.email,
        coalesce(forms.name, submissions.title) as form_name,
        {{ load_time('submissions') }} as loaded_at

    from {{ raw_table('contact_form_submission', 'hubspot', 'submissions') }}
    left join forms on submissions.form_id = forms.guid
    left join contacts on {{ without_decimals('submissions.contact_id') }} = contacts.contact_key

),

final as (

    select
        submissions.*,
        case
            when known_names.plain_word is not null then submissions.form_name
            when known_titles.plain_word is not null then submissions.title
        end as content_type

    from submissions
    left join known_types as known_names
        on {{ plain_word('submissions.form_name') }} = known_names.plain_word
    left join known_types as known_titles
        on {{ plain_word('submissions.title') }} = known_titles.plain_word

)

select * from final
