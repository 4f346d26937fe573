{#
  One row per campaign and account it reached: what the account did because of it, or at least under
  its name, and how its score moved from the day before the first engagement on.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

engagement_events as (

    select * from {{ ref('int_engagement_events') }}
    where campaign is not null and account_id is not null and not is_machine

),

signal_events as (

    -- the version of an event that holds now
    select * from {{ ref('int_signal_events') }}
    where counts_until is null and not is_repeat

),

primary_models as (

    select * from {{ ref('scoring_models') }}
    where is_primary

),

model_signals as (

    select
        model_signals.signal,
        model_signals.points,
        signals.is_engagement

    from {{ ref('int_scoring_model_signals') }} as model_signals
    inner join primary_models on model_signals.scoring_model = primary_models.scoring_model
    inner join {{ ref('int_signals') }} as signals on model_signals.signal = signals.signal

),

history as (

    select history.*
    from {{ ref('account_score_history') }} as history
    inner join primary_models on history.scoring_model = primary_models.scoring_model

),

bands as (

    select * from {{ ref('score_bands') }}

),

reached as (

    select
        engagement_events.campaign,
        engagement_events.account_id,
        count(*) as events,
        min(cast(engagement_events.occurred_at as date)) as first_event_on,
        max(cast(engagement_events.occurred_at as date)) as last_event_on

    from engagement_events
    inner join as_of on cast(engagement_events.occurred_at as date) <= as_of.as_of_date
    group by engagement_events.campaign, engagement_events.account_id

),

engaged_people as (

    -- what nobody in particular did is a row, too
    select
        engagement_events.campaign,
        signal_events.account_id,
        signal_events.person_id,
        count(*) as engagements,
        sum(model_signals.points) as points,
        min(signal_events.counts_from) as first_counted_on,
        max(signal_events.occurred_on) as last_engaged_on

    from engagement_events
    inner join signal_events
        on
            engagement_events.channel = signal_events.channel
            and engagement_events.event_id = signal_events.event_id
    inner join as_of on signal_events.counts_from <= as_of.as_of_date
    inner join model_signals on signal_events.signal = model_signals.signal
    where model_signals.is_engagement
    group by engagement_events.campaign, signal_events.account_id, signal_events.person_id

),

engaged as (

    select
        engaged_people.campaign,
        engaged_people.account_id,
        sum(engaged_people.engagements) as engagements,
        count(engaged_people.person_id) as engaged_people,
        sum({{ exact_points('engaged_people.points * coalesce(contacts.persona_weight, 1)') }})
            as points,
        min(engaged_people.first_counted_on) as first_counted_on,
        max(engaged_people.last_engaged_on) as last_engaged_on

    from engaged_people
    left join contacts on engaged_people.person_id = contacts.contact_id
    group by engaged_people.campaign, engaged_people.account_id

),

windows as (

    select
        engaged.*,
        {{ add_days('engaged.first_counted_on', '-1') }} as day_before,
        least(
            {{ add_days('engaged.first_counted_on', var('campaign_window_days')) }},
            as_of.as_of_date
        ) as day_after

    from engaged
    cross join as_of

),

wanted_days as (

    select
        account_id,
        day_before as score_date

    from windows

    union

    select
        account_id,
        day_after as score_date

    from windows

),

wanted_scores as (

    -- apart from the joins below, which might make a hash table of the whole history
    select
        history.account_id,
        history.score_date,
        history.score,
        history.band

    from wanted_days
    inner join history
        on
            wanted_days.account_id = history.account_id
            and wanted_days.score_date = history.score_date

),

moves as (

    select
        windows.*,
        scores_before.score as score_before,
        scores_before.band as band_before,
        bands_before.sort_order as order_before,
        scores_after.score as score_after,
        scores_after.band as band_after,
        bands_after.sort_order as order_after

    from windows
    left join wanted_scores as scores_before
        on
            windows.account_id = scores_before.account_id
            and windows.day_before = scores_before.score_date
    left join wanted_scores as scores_after
        on
            windows.account_id = scores_after.account_id
            and windows.day_after = scores_after.score_date
    left join bands as bands_before on scores_before.band = bands_before.band
    left join bands as bands_after on scores_after.band = bands_after.band

),

final as (

    select
        reached.campaign,
        reached.account_id,
        accounts.account_name,
        accounts.account_tier,
        cast(reached.events as integer) as events,
        cast(coalesce(moves.engagements, 0) as integer) as engagements,
        cast(coalesce(moves.engaged_people, 0) as integer) as engaged_people,
        {{ exact_points('coalesce(moves.points, 0)') }} as points,
        moves.first_counted_on,
        moves.last_engaged_on,
        reached.first_event_on,
        reached.last_event_on,
        moves.day_after as score_after_on,
        moves.score_before,
        moves.score_after,
        moves.score_after - moves.score_before as score_change,
        moves.band_before,
        moves.band_after,
        moves.order_after > moves.order_before as has_moved_up

    from reached
    inner join accounts on reached.account_id = accounts.account_id
    left join moves
        on
            reached.campaign = moves.campaign
            and reached.account_id = moves.account_id

)

select * from final
