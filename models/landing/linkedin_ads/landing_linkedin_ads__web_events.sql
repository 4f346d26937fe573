{# One row per lead form that a member submitted on LinkedIn; our own trials are left out. #}
{{ config(enabled=is_vendor_on('linkedin_ads')) }}
with

responses as (

    select
        *,
        coalesce(email, {{ first_address('form_response') }}) as member_email,
        coalesce(campaign_id, {{ linkedin_id(json_member(
            json_member('lead_metadata_info', 'sponsoredLeadMetadataInfo'), 'campaign'
        )) }}) as response_campaign_id

    from {{ raw_table('lead_form_response', 'linkedin_ads') }} as responses
    where not coalesce(test_lead, false)

),

campaigns as (

    {{ newest_rows('linkedin_ads', 'campaign_history', 'id') }}

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'linkedin_ads ' || responses.id",
            'email': 'responses.member_email',
            'event_type': "'form_submit'",
            'campaign': 'coalesce(responses.campaign_name, campaigns.name, responses.form_name)',
            'occurred_at': 'responses.submitted_at',
            'loaded_at': load_time('responses'),
        }, 'responses') }}

    from responses
    left join campaigns on responses.response_campaign_id = campaigns.id

)

select * from final
