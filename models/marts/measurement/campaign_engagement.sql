{#
  One row per campaign and account that engaged with it: what the account did, and how its score
  moved. The comparison starts the day before the first engagement. Outbound activity, such as
  sending an email, isn't engagement.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

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

    from {{ ref('int_signal_events') }} as signal_events
    inner join as_of on {{ counts_on('signal_events', 'as_of.as_of_date') }}
    inner join campaign_events
        on
            signal_events.channel = campaign_events.channel
            and signal_events.event_key = campaign_events.event_key
    inner join model_signals on signal_events.signal = model_signals.signal
    where not signal_events.is_repeat
    group by campaign_events.campaign, signal_events.account_id, signal_events.person_id

),

engagements as (

    select
        people.campaign,
        people.account_id,
        cast(sum(people.engagements) as integer) as engagements,
        cast(count(people.person_id) as integer) as engaged_people,
        sum({{ exact_points('people.points * coalesce(contacts.persona_weight, 1)') }}) as points,
        min(people.first_counted_on) as first_counted_on,
        max(people.last_engaged_on) as last_engaged_on,
        {{ add_days('min(people.first_counted_on)', '-1') }} as score_before_on,
        least(
            {{ add_days('min(people.first_counted_on)', var('campaign_window_days')) }},
            max(as_of.as_of_date)
        ) as score_after_on

    from people
    cross join as_of
    left join {{ ref('int_contacts') }} as contacts on people.person_id = contacts.contact_id
    group by people.campaign, people.account_id

),

wanted_days as (

    select
        account_id,
        score_before_on as score_date

    from engagements

    union distinct

    select
        account_id,
        score_after_on as score_date

    from engagements

),

scores as (

    -- separate from the joins below, which could build a hash table of the whole history
    select history.*
    from {{ ref('account_score_history') }} as history
    inner join wanted_days
        on
            history.account_id = wanted_days.account_id
            and history.score_date = wanted_days.score_date
    where history.scoring_model = {{ primary_model() }}

),

final as (

    select
        engagements.campaign,
        engagements.account_id,
        accounts.account_name,
        accounts.account_tier,
        engagements.engagements,
        engagements.engaged_people,
        {{ exact_points('engagements.points') }} as points,
        {{ rounded_points('engagements.points') }} as points_rounded,
        engagements.first_counted_on,
        engagements.last_engaged_on,
        engagements.score_after_on,
        scores_before.score as score_before,
        scores_after.score as score_after,
        scores_after.score - scores_before.score as score_change,
        scores_before.band as band_before,
        scores_before.band_order as band_order_before,
        scores_after.band as band_after,
        scores_after.band_order as band_order_after,
        scores_after.band_order > scores_before.band_order as has_moved_up

    from engagements
    inner join {{ ref('int_accounts') }} as accounts
        on engagements.account_id = accounts.account_id
    left join scores as scores_before
        on
            engagements.account_id = scores_before.account_id
            and engagements.score_before_on = scores_before.score_date
    left join scores as scores_after
        on
            engagements.account_id = scores_after.account_id
            and engagements.score_after_on = scores_after.score_date

)

select * from final
