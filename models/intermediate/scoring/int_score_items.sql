{#
  One row per thing that earns points on the as-of date, before caps: events of a person, signal and
  day; completed combinations; engaged people. `points` is base x count x persona weight x decay.
  What silence leaves of it is `silence_factor`; what a reset has taken away has `reset_on` filled.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

model_signals as (

    select * from {{ ref('int_scoring_model_signals') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

combinations as (

    select * from {{ ref('signal_combinations') }}

),

silent_accounts as (

    -- how often they have been silent by now
    select
        scoring_model,
        account_id,
        count(*) as silences_now

    from {{ ref('int_silent_days') }}
    group by scoring_model, account_id

),

silences as (

    select * from {{ ref('int_silences') }}

),

known_days as (

    select
        daily_points.*,
        as_of.as_of_date,
        {{ days_between('daily_points.occurred_on', 'as_of.as_of_date') }} as age_days

    from {{ ref('int_daily_points') }} as daily_points
    inner join as_of on daily_points.counts_from <= as_of.as_of_date

),

valid_days as (

    select * from known_days
    where counts_until is null or counts_until > as_of_date

),

known_pairs as (

    select
        pairs.*,
        as_of.as_of_date,
        {{ days_between('pairs.completed_on', 'as_of.as_of_date') }} as age_days,
        row_number() over (
            partition by pairs.account_id, pairs.person_id, pairs.combination
            order by pairs.completed_on desc, pairs.counts_from
        ) as pair_rank

    from {{ ref('int_combination_pairs') }} as pairs
    inner join as_of on pairs.counts_from <= as_of.as_of_date

),

event_days as (

    select
        account_id,
        person_id,
        signal,
        occurred_on,
        counts_from,
        age_days,
        case when reset_on <= as_of_date then reset_on end as reset_on,
        cast(sum(event_count) as integer) as event_count

    from valid_days
    group by
        account_id,
        person_id,
        signal,
        occurred_on,
        counts_from,
        age_days,
        case when reset_on <= as_of_date then reset_on end

),

event_items as (

    select
        'event' as entry_type,
        model_signals.scoring_model,
        event_days.account_id,
        event_days.person_id,
        event_days.signal,
        {{ null_text() }} as combination,
        event_days.occurred_on,
        event_days.counts_from,
        event_days.reset_on,
        event_days.event_count,
        event_days.age_days,
        model_signals.points as base_points,
        {{ decay_factor(
            'event_days.age_days', 'model_signals.full_value_days', 'model_signals.half_life_days',
            'model_signals.lookback_days'
        ) }} as decay_factor

    from event_days
    inner join model_signals on event_days.signal = model_signals.signal
    where model_signals.lookback_days is null or event_days.age_days < model_signals.lookback_days

),

combination_items as (

    -- a pair is worth `points` in total: what its two signals do not bring themselves is added
    select
        'combination' as entry_type,
        scoring_models.scoring_model,
        known_pairs.account_id,
        known_pairs.person_id,
        {{ null_text() }} as signal,
        known_pairs.combination,
        known_pairs.completed_on as occurred_on,
        known_pairs.counts_from,
        case
            when known_pairs.reset_on <= known_pairs.as_of_date then known_pairs.reset_on
        end as reset_on,
        1 as event_count,
        known_pairs.age_days,
        {{ missing_points(
            'combinations.points', 'first_signals.points', 'second_signals.points'
        ) }} as base_points,
        {{ decay_factor(
            'known_pairs.age_days', 'coalesce(scoring_models.full_value_days, 0)',
            model_half_life('scoring_models'), 'scoring_models.lookback_days'
        ) }} as decay_factor

    from known_pairs
    inner join combinations on known_pairs.combination = combinations.combination
    inner join model_signals as first_signals on combinations.first_signal = first_signals.signal
    inner join model_signals as second_signals
        on
            combinations.second_signal = second_signals.signal
            and first_signals.scoring_model = second_signals.scoring_model
    inner join scoring_models on first_signals.scoring_model = scoring_models.scoring_model
    where
        known_pairs.pair_rank = 1
        and (
            scoring_models.lookback_days is null
            or known_pairs.age_days < scoring_models.lookback_days
        )

),

breadth_days as (

    -- what a reset has taken away engages nobody; what turned out to be a repeat still does
    select
        scoring_models.scoring_model,
        known_days.account_id,
        known_days.person_id,
        known_days.occurred_on,
        known_days.age_days,
        min(known_days.counts_from) as counts_from,
        row_number() over (
            partition by scoring_models.scoring_model, known_days.account_id, known_days.person_id
            order by known_days.occurred_on desc
        ) as day_rank

    from known_days
    inner join signals on known_days.signal = signals.signal
    inner join scoring_models on known_days.age_days < scoring_models.breadth_window_days
    where
        signals.counts_for_breadth
        and known_days.person_id is not null
        and coalesce(known_days.reset_on > known_days.as_of_date, true)
    group by
        scoring_models.scoring_model,
        known_days.account_id,
        known_days.person_id,
        known_days.occurred_on,
        known_days.age_days

),

engaged_people as (

    select
        *,
        count(*) over (partition by scoring_model, account_id) as people_count

    from breadth_days
    where day_rank = 1

),

breadth_items as (

    select
        'breadth' as entry_type,
        scoring_models.scoring_model,
        engaged_people.account_id,
        engaged_people.person_id,
        {{ null_text() }} as signal,
        {{ null_text() }} as combination,
        engaged_people.occurred_on,
        engaged_people.counts_from,
        cast(null as date) as reset_on,
        1 as event_count,
        engaged_people.age_days,
        case
            when engaged_people.people_count >= scoring_models.breadth_min_contacts
                then scoring_models.breadth_points
            else 0
        end as base_points,
        {{ decay_factor(
            'engaged_people.age_days', 'coalesce(scoring_models.full_value_days, 0)',
            model_half_life('scoring_models'), 'scoring_models.lookback_days'
        ) }} as decay_factor

    from engaged_people
    inner join scoring_models on engaged_people.scoring_model = scoring_models.scoring_model

),

items as (

    select * from event_items
    union all
    select * from combination_items
    union all
    select * from breadth_items

),

silent_stretches as (

    -- how often the account had been silent when an item was earned, and how often by now
    select
        items.*,
        case
            when items.entry_type = 'breadth' then 1
            else coalesce(contacts.persona_weight, 1)
        end as persona_weight,
        scoring_models.silence_factor as factor_per_silence,
        {{ silences_before('silences', 'items.counts_from') }} as silences_before,
        coalesce(silent_accounts.silences_now, 0) as silences_now

    from items
    inner join scoring_models on items.scoring_model = scoring_models.scoring_model
    left join contacts on items.person_id = contacts.contact_id
    left join silences
        on
            items.scoring_model = silences.scoring_model
            and items.account_id = silences.account_id
            and items.counts_from >= silences.engaged_on
            and items.counts_from < silences.next_engaged_on
    left join silent_accounts
        on
            items.scoring_model = silent_accounts.scoring_model
            and items.account_id = silent_accounts.account_id

),

final as (

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        occurred_on,
        counts_from,
        reset_on,
        event_count,
        age_days,
        base_points,
        persona_weight,
        decay_factor,
        coalesce(
            power({{ double('factor_per_silence') }}, silences_now - silences_before),
            1
        ) as silence_factor,
        {{ exact_points(
            double('base_points') ~ ' * event_count * '
            ~ double('persona_weight') ~ ' * decay_factor'
        ) }} as points

    from silent_stretches

)

select * from final
