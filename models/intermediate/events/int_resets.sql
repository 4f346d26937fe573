{#
  One row per moment when an event of a kind in the seed `resets` happened. The account (person_id
  null) or the person (account_id null) loses everything earned up to then, from the day `reset_on`.
  If a visitor is identified on a later day, it takes from the person on that day. It takes from the
  anonymous account at once.
#}
with

resets as (

    select * from {{ ref('resets') }}
    where is_active

),

reset_events as (

    select
        resets.takes_from,
        events.account_id,
        events.person_id,
        events.anonymous_account_id,
        events.known_on,
        events.occurred_at,
        events.occurred_on

    from {{ ref('int_event_identities') }} as events
    inner join resets
        on
            events.channel = resets.channel
            and (
                resets.event_type is null
                or {{ plain_word('events.event_type') }} = {{ plain_word('resets.event_type') }}
            )
            and (resets.outcome is null or events.outcome = resets.outcome)

),

versions as (

    select
        case when takes_from = 'account' then account_id end as account_id,
        case when takes_from = 'person' then person_id end as person_id,
        occurred_at as reset_at,
        coalesce(known_on, occurred_on) as reset_on

    from reset_events

    union distinct

    select
        anonymous_account_id as account_id,
        {{ null_text() }} as person_id,
        occurred_at as reset_at,
        occurred_on as reset_on

    from reset_events
    where takes_from = 'account' and known_on is not null

),

final as (

    select * from versions
    where account_id is not null or person_id is not null

)

select * from final
