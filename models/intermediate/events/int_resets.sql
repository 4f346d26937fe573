{#
  One row per moment when an event of a kind in the seed `resets` happened. The account (person_id
  null) or the person (account_id null) loses everything earned up to then, from the day `reset_on`.
  If a visitor is identified on a later day, it takes from the person on that day. It takes from the
  anonymous account at once. A person who has another address by then isn't hit by the bounce of the
  former one.
#}
with

resets as (

    -- words are compared here, once per event type and outcome instead of once per event
    select distinct
        words.channel,
        words.event_type,
        words.outcome,
        resets.takes_from

    from {{ ref('int_event_words') }} as words
    inner join {{ ref('resets') }} as resets
        on
            words.channel = resets.channel
            and (
                resets.event_type is null
                or {{ plain_word('words.event_type') }} = {{ plain_word('resets.event_type') }}
            )
            and (resets.outcome is null or words.outcome = resets.outcome)
    where resets.is_active

),

final as (

    select distinct
        case when resets.takes_from = 'account' then events.account_id end as account_id,
        case when resets.takes_from = 'person' then events.person_id end as person_id,
        events.occurred_at as reset_at,
        events.counts_from as reset_on

    from {{ ref('int_event_versions') }} as events
    inner join resets
        on
            events.channel = resets.channel
            and coalesce(events.event_type, '') = coalesce(resets.event_type, '')
            and coalesce(events.outcome, '') = coalesce(resets.outcome, '')
    left join {{ ref('int_emails') }} as emails
        on case when events.event_type = 'bounce' then events.email end = emails.email
    where
        case when resets.takes_from = 'account' then events.account_id else events.person_id end
        is not null
        and coalesce(events.occurred_on < emails.left_on, true)

)

select * from final
