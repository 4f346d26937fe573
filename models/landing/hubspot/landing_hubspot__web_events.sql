{#
  One row per HubSpot form submission that doesn't ask for content, and one per event of HubSpot's
  web analytics.
#}
{{ config(enabled=is_vendor_on('hubspot'), materialized=for_many_readers()) }}
with

submissions as (

    select * from {{ ref('landing_hubspot__form_submissions') }}
    where content_type is null

),

visits as (

    select * from {{ raw_table('contact_web_analytics', 'hubspot') }}

),

contacts as (

    select * from {{ ref('landing_hubspot__contact_emails') }}

),

final as (

    select
        {{ contract_columns('web_events', {
            'event_id': "'hubspot ' || submissions.conversion_id",
            'email': 'submissions.email',
            'event_type': "'form_submit'",
            'page_url': 'submissions.page_url',
            'campaign': 'submissions.form_name',
            'occurred_at': 'submissions.timestamp',
            'loaded_at': 'submissions.loaded_at',
        }, 'submissions') }}

    from submissions

    union all

    select
        {{ contract_columns('web_events', {
            'event_id': "'hubspot ' || visits.id",
            'email': 'contacts.email',
            'event_type': 'visits.event_type',
            'page_url': 'visits.properties_hs_page_url',
            'user_agent': 'visits.properties_hs_user_agent',
            'campaign': 'visits.properties_hs_utm_campaign',
            'occurred_at': 'visits.occurred_at',
            'loaded_at': load_time('visits'),
        }, 'visits') }}

    from visits
    left join contacts on {{ without_decimals('visits.object_id') }} = contacts.contact_key

)

select * from final
