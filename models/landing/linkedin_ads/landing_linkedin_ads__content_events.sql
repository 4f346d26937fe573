{# One row per LinkedIn lead form in which a member asked for content. #}
{{ config(enabled=is_vendor_on('linkedin_ads'), materialized=for_many_readers()) }}
with

responses as (

    select * from {{ ref('landing_linkedin_ads__responses') }}
    where content_type is not null

),

final as (

    select
        {{ contract_columns('content_events', {
            'event_id': "'linkedin_ads ' || responses.id",
            'email': 'responses.member_email',
            'event_type': 'responses.content_type',
            'asset': 'responses.name_of_form',
            'campaign': 'responses.campaign_text',
            'occurred_at': 'responses.submitted_at',
            'loaded_at': 'responses.loaded_at',
        }, 'responses') }}

    from responses

)

select * from final
