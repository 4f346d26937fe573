{# One row per lead form of LinkedIn that a member submitted and that is no request for content. #}
{{ config(enabled=is_vendor_on('linkedin_ads')) }}
with

responses as (

    select * from {{ ref('landing_linkedin_ads__responses') }}
    where content_type is null

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'linkedin_ads ' || responses.response_id",
            'email': 'responses.email',
            'event_type': "'form_submit'",
            'campaign': 'responses.campaign_name',
            'occurred_at': 'responses.submitted_at',
            'loaded_at': 'responses.loaded_at',
        }, 'responses') }}

    from responses

)

select * from final
