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
            and (
                resets.event_type is null
                or {{ plain_word('events.event_type') }} = {{ plain_word('resets.event_type') }}
            )
            and (resets.outcome is null or events.outcome = resets.outcome)
    where
        case when resets.takes_from = 'account' then events.account_id else events.person_id end
        is not null

)

select * from final
