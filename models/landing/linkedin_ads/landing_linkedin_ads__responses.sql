{#
  One row per LinkedIn lead form that a member submitted, with email address and campaign. Our own
  tests are left out. If the seed `event_words` knows the form's name as a request for content,
  `content_type` holds the type.
#}
{{ config(enabled=is_vendor_on('linkedin_ads'), materialized=for_many_readers()) }}
with

forms as (

    {{ newest_rows('linkedin_ads', 'lead_form', 'id') }}

),

responses as (

    select
        responses.*,
        coalesce(responses.form_name, forms.name) as name_of_form,
        coalesce(responses.email, {{ first_address('responses.form_response') }}) as member_email,
        coalesce({{ linkedin_id('responses.campaign_id') }}, {{ linkedin_id(json_member(
            json_member('responses.lead_metadata_info', 'sponsoredLeadMetadataInfo'), 'campaign'
        )) }}) as response_campaign_id

    from {{ raw_table('lead_form_response', 'linkedin_ads', 'responses') }}
    left join forms
        on
            {{ linkedin_form_id('responses.versioned_lead_gen_form_urn') }}
            = {{ linkedin_id('forms.id') }}
    where not coalesce(responses.test_lead, false)

),

campaigns as (

    {{ newest_rows('linkedin_ads', 'campaign_history', 'id') }}

),

known_types as (

    {{ translated_words('content_events', 'event_type') }}

),

final as (

    select
        responses.*,
        case
            when known_types.plain_word is not null then responses.name_of_form
        end as content_type,
        coalesce(responses.campaign_name, campaigns.name, responses.name_of_form) as campaign_text,
        {{ load_time('responses') }} as loaded_at

    from responses
    left join campaigns on responses.response_campaign_id = {{ linkedin_id('campaigns.id') }}
    left join known_types on {{ plain_word('responses.name_of_form') }} = known_types.plain_word

)

select * from final
