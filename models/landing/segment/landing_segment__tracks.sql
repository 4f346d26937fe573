{#
  One row per event that Segment was told of, with the address of its user. Downloads, forms and
  videos, by the words of `event_words`, are the website's; all others are the product's.
#}
{{ config(enabled=is_vendor_on('segment')) }}
{% set web_types = ['document_download', 'form_submit', 'video_view'] %}
with

tracks as (

    select
        *,
        coalesce(event_text, event) as event_name,
        {{ segment_occurred_at('tracks') }} as occurred_at,
        {{ segment_loaded_at('tracks') }} as loaded_at

    from {{ raw_table('tracks', 'segment') }} as tracks

),

users as (

    select * from {{ ref('landing_segment__users') }}

),

web_words as (

    select {{ plain_word('word') }} as plain_word from {{ ref('event_words') }}
    where source_table = 'web_events' and means in ('{{ web_types | join("', '") }}')

    {% for web_type in web_types %}
    union
    select {{ plain_word("'" ~ web_type ~ "'") }} as plain_word
    {% endfor %}

),

final as (

    select
        tracks.id,
        tracks.anonymous_id,
        coalesce(tracks.context_traits_email, users.email) as email,
        tracks.context_group_id as account_id,
        tracks.event_name,
        tracks.context_page_url,
        tracks.context_campaign_name,
        tracks.context_user_agent,
        web_words.plain_word is not null as is_web,
        tracks.occurred_at,
        tracks.loaded_at,
        {% for column in landing_columns() %}
        tracks.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}

    from tracks
    left join users on tracks.user_id = users.user_id
    left join web_words on {{ plain_word('tracks.event_name') }} = web_words.plain_word

)

select * from final
