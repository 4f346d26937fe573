{#
  One row per campaign and account that engaged with it: how often, by how many people, for how many
  points, and since when. Outbound activity, such as sending an email, isn't engagement.
#}
with

signal_events as (

    -- the version of each event that counts on the as-of date
    select signal_events.*
    from {{ ref('int_signal_events') }} as signal_events
    inner join {{ ref('int_as_of_date') }} as as_of
        on {{ counts_on('signal_events', 'as_of.as_of_date') }}
    where not signal_events.is_repeat

),

campaign_events as (

    select
        channel,
        event_key,
        campaign

    from {{ ref('int_events') }}
    where campaign is not null and not is_removed and not {{ is_placeholder('campaign') }}

),

model_signals as (

    select
        model_signals.signal,
        model_signals.points

    from {{ ref('int_scoring_model_signals') }} as model_signals
    inner join {{ ref('int_signals') }} as signals
        on model_signals.signal = signals.signal and signals.is_engagement
    where model_signals.scoring_model = {{ primary_model() }}

),

people as (

    -- unidentified visitors have a row too
    select
        campaign_events.campaign,
        signal_events.account_id,
        signal_events.person_id,
        count(*) as engagements,
        sum(model_signals.points) as points,
        min(signal_events.first_known_on) as first_counted_on,
        max(signal_events.occurred_on) as last_engaged_on

    from signal_events
    inner join campaign_events
        on
            signal_events.channel = campaign_events.channel
            and signal_events.event_key = campaign_events.event_key
    inner join model_signals on signal_events.signal = model_signals.signal
    group by campaign_events.campaign, signal_events.account_id, signal_events.person_id

),

final as (

    select
        people.campaign,
        people.account_id,
        cast(sum(people.engagements) as integer) as engagements,
        cast(count(people.person_id) as integer) as engaged_people,
        sum({{ exact_points('people.points * coalesce(contacts.persona_weight, 1)') }}) as points,
        min(people.first_counted_on) as first_counted_on,
        max(people.last_engaged_on) as last_engaged_on

    from people
    left join {{ ref('int_contacts') }} as contacts on people.person_id = contacts.contact_id
    group by people.campaign, people.account_id

)

select * from final
