{# One row per LinkedIn lead form submission that doesn't ask for content. #}
{{ config(enabled=is_vendor_on('linkedin_ads'), materialized=for_many_readers()) }}
with

responses as (

    select * from {{ ref('landing_linkedin_ads__responses') }}
    where content_type is null

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'linkedin_ads ' || responses.id",
            'email': 'responses.member_email',
            'event_type': "'form_submit'",
            'campaign': 'responses.campaign_text',
            'occurred_at': 'responses.submitted_at',
            'loaded_at': 'responses.loaded_at',
        }, 'responses') }}

    from responses

)

select * from final
