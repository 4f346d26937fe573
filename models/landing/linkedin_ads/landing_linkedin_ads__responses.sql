{#
  One row per LinkedIn lead form that a member submitted, with email address and campaign. Our own
  tests are left out. If the seed `event_words` knows the form's name as a request for content,
  `content_type` holds the type.
#}
{{ config(enabled=is_vendor_on('linkedin_ads'), materialized=for_many_readers()) }}
with

responses as (

    select
        *,
        coalesce(email, {{ first_address('form_response') }}) as member_email,
        coalesce({{ linkedin_id('campaign_id') }}, {{ linkedin_id(json_member(
            json_member('lead_metadata_info', 'sponsoredLeadMetadataInfo'), 'campaign'
        )) }}) as response_campaign_id

    from {{ raw_table('lead_form_response', 'linkedin_ads') }}
    where not coalesce(test_lead, false)

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
        case when known_types.plain_word is not null then responses.form_name end as content_type,
        coalesce(responses.campaign_name, campaigns.name, responses.form_name) as campaign_text,
        {{ load_time('responses') }} as loaded_at

    from responses
    left join campaigns on responses.response_campaign_id = {{ linkedin_id('campaigns.id') }}
    left join known_types on {{ plain_word('responses.form_name') }} = known_types.plain_word

)

select * from final
