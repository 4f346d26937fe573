{#
  One row per event reported to Segment, with its user's email address. Downloads, forms and videos,
  by the words in `event_words`, belong to the website (`is_web`); all others belong to the product.
#}
{{ config(enabled=is_vendor_on('segment'), materialized=for_many_readers()) }}
with

tracks as (

    select
        *,
        coalesce(event_text, event) as event_name

    from {{ raw_table('tracks', 'segment') }}

),

users as (

    select * from {{ ref('landing_segment__users') }}

),

web_words as (

    select {{ plain_word('word') }} as plain_word from {{ ref('event_words') }}
    where
        source_table = 'web_events'
        and means in ('document_download', 'form_submit', 'video_view')
    {% for web_type in ('document_download', 'form_submit', 'video_view') %}
    union distinct
    select {{ plain_word("'" ~ web_type ~ "'") }} as plain_word
    {% endfor %}

),

final as (

    select
        tracks.*,
        {{ segment_email('tracks') }} as email,
        web_words.plain_word is not null as is_web,
        {{ segment_occurred_at('tracks') }} as occurred_at,
        {{ segment_loaded_at('tracks') }} as loaded_at

    from tracks
    left join users on {{ is_segment_user('tracks') }}
    left join web_words on {{ plain_word('tracks.event_name') }} = web_words.plain_word

)

select * from final
