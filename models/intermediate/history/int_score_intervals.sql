{#
  One row per thing that earns points on a day that this run works on, and the days on which it
  does: from `starts_on` to the day before `ends_on`, at full value until `decays_from`, halving every
  `half_life_days` from then. The same things as in `int_score_items`, for many days instead of one.
#}
-- each takes much memory: one after the other
-- depends_on: {{ ref('int_score_items') }}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select
        scoring_models.*,
        coalesce(scoring_models.full_value_days, 0) as own_full_value_days,
        {{ model_half_life('scoring_models') }} as own_half_life_days

    from {{ ref('scoring_models') }} as scoring_models

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

silences as (

    select * from {{ ref('int_silences') }}

),

history_refresh as (

    select * from {{ ref('int_history_refresh') }}

),

daily_points as (

    select
        daily_points.*,
        coalesce(contacts.persona_weight, 1) as persona_weight

    from {{ ref('int_daily_points') }} as daily_points
    inner join as_of on daily_points.counts_from <= as_of.as_of_date
    left join contacts on daily_points.person_id = contacts.contact_id

),

event_intervals as (

    select
        model_signals.scoring_model,
        daily_points.account_id,
        daily_points.person_id,
        model_signals.signal,
        {{ null_text() }} as combination,
        'points' as component,
        -- null: no cap
        model_signals.max_points,
        daily_points.occurred_on,
        daily_points.counts_from as starts_on,
        coalesce(daily_points.counts_until, {{ last_day() }}) as next_starts_on,
        {{ last_day() }} as window_ends_on,
        daily_points.reset_on,
        model_signals.full_value_days,
        model_signals.half_life_days,
        model_signals.lookback_days,
        {{ double('model_signals.points') }} * daily_points.event_count
        * {{ double('daily_points.persona_weight') }} as points

    from daily_points
    inner join model_signals on daily_points.signal = model_signals.signal

),

ranked_pairs as (

    select
        pairs.*,
        max(pairs.completed_on) over (
            partition by pairs.account_id, pairs.person_id, pairs.combination
            order by pairs.counts_from, pairs.completed_on
            rows between unbounded preceding and 1 preceding
        ) as latest_before

    from {{ ref('int_combination_pairs') }} as pairs
    inner join as_of on pairs.counts_from <= as_of.as_of_date

),

latest_pairs as (

    -- a pair counts until a later one is completed
    select
        *,
        coalesce(
            lead(counts_from) over (
                partition by account_id, person_id, combination order by counts_from, completed_on
            ),
            {{ last_day() }}
        ) as next_starts_on

    from ranked_pairs
    where latest_before is null or completed_on > latest_before

),

combination_intervals as (

    select
        scoring_models.scoring_model,
        latest_pairs.account_id,
        latest_pairs.person_id,
        {{ null_text() }} as signal,
        latest_pairs.combination,
        'points' as component,
        cast(null as decimal(18, 6)) as max_points,
        latest_pairs.completed_on as occurred_on,
        latest_pairs.counts_from as starts_on,
        latest_pairs.next_starts_on,
        {{ last_day() }} as window_ends_on,
        latest_pairs.reset_on,
        scoring_models.own_full_value_days as full_value_days,
        scoring_models.own_half_life_days as half_life_days,
        scoring_models.lookback_days,
        {{ double(missing_points(
            'combinations.points', 'first_signals.points', 'second_signals.points'
        )) }}
        * {{ double('coalesce(contacts.persona_weight, 1)') }} as points

    from latest_pairs
    inner join combinations on latest_pairs.combination = combinations.combination
    inner join model_signals as first_signals on combinations.first_signal = first_signals.signal
    inner join model_signals as second_signals
        on
            combinations.second_signal = second_signals.signal
            and first_signals.scoring_model = second_signals.scoring_model
    inner join scoring_models on first_signals.scoring_model = scoring_models.scoring_model
    left join contacts on latest_pairs.person_id = contacts.contact_id

),

engaged_days as (

    select
        daily_points.account_id,
        daily_points.person_id,
        daily_points.occurred_on,
        daily_points.reset_on,
        min(daily_points.counts_from) as counts_from

    from daily_points
    inner join signals on daily_points.signal = signals.signal
    where signals.counts_for_breadth and daily_points.person_id is not null
    group by
        daily_points.account_id,
        daily_points.person_id,
        daily_points.occurred_on,
        daily_points.reset_on

),

ranked_engaged_days as (

    select
        *,
        max(occurred_on) over (
            partition by account_id, person_id
            order by counts_from, occurred_on
            rows between unbounded preceding and 1 preceding
        ) as latest_before

    from engaged_days

),

latest_engaged_days as (

    -- a person's latest engagement counts until there is a later one
    select
        *,
        coalesce(
            lead(counts_from) over (
                partition by account_id, person_id order by counts_from, occurred_on
            ),
            {{ last_day() }}
        ) as next_starts_on

    from ranked_engaged_days
    where latest_before is null or occurred_on > latest_before

),

breadth_intervals as (

    select
        scoring_models.scoring_model,
        latest_engaged_days.account_id,
        latest_engaged_days.person_id,
        {{ null_text() }} as signal,
        {{ null_text() }} as combination,
        'breadth' as component,
        cast(null as decimal(18, 6)) as max_points,
        latest_engaged_days.occurred_on,
        latest_engaged_days.counts_from as starts_on,
        latest_engaged_days.next_starts_on,
        {{ add_days('latest_engaged_days.occurred_on', 'scoring_models.breadth_window_days') }}
            as window_ends_on,
        latest_engaged_days.reset_on,
        scoring_models.own_full_value_days as full_value_days,
        scoring_models.own_half_life_days as half_life_days,
        scoring_models.lookback_days,
        {{ double('scoring_models.breadth_points') }} as points

    from latest_engaged_days
    cross join scoring_models

),

people_intervals as (

    -- how many people are engaged: neither decay nor look-back has a say in that
    select
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        'people' as component,
        max_points,
        occurred_on,
        starts_on,
        next_starts_on,
        window_ends_on,
        reset_on,
        0 as full_value_days,
        cast(null as decimal(18, 6)) as half_life_days,
        cast(null as integer) as lookback_days,
        {{ double('1') }} as points

    from breadth_intervals

),

intervals as (

    select * from event_intervals
    union all
    select * from combination_intervals
    union all
    select * from breadth_intervals
    union all
    select * from people_intervals

),

expiring as (

    select
        *,
        least(
            window_ends_on,
            coalesce({{ add_days('occurred_on', 'lookback_days') }}, {{ last_day() }})
        ) as expires_on,
        case
            when half_life_days is null then {{ last_day() }}
            else {{ add_days('occurred_on', 'full_value_days') }}
        end as decays_from

    from intervals

),

bounded as (

    select
        *,
        least(next_starts_on, expires_on, coalesce(reset_on, {{ last_day() }})) as ends_on,
        case
            when reset_on <= least(next_starts_on, expires_on) then 'reset'
            when next_starts_on <= expires_on then 'replaced'
            else 'expired'
        end as end_reason

    from expiring

),

needed as (

    -- what has ended before is of no concern; what ends on the first day is taken off on it
    select
        bounded.*,
        greatest(bounded.starts_on, history_refresh.needed_from) as counted_from

    from bounded
    inner join history_refresh
        on
            bounded.account_id = history_refresh.account_id
            and bounded.ends_on >= history_refresh.needed_from
    where bounded.starts_on < bounded.ends_on and bounded.points <> 0

),

final as (

    select
        needed.scoring_model,
        needed.account_id,
        needed.person_id,
        needed.signal,
        needed.combination,
        needed.component,
        needed.max_points,
        needed.occurred_on,
        needed.starts_on,
        needed.ends_on,
        needed.counted_from,
        needed.end_reason,
        needed.decays_from,
        needed.half_life_days,
        needed.points,
        -- how often the account had been silent before this was earned; people are never silenced
        case
            when needed.component = 'people' then 0
            else {{ silences_before('silences', 'needed.starts_on') }}
        end as silences_before

    from needed
    left join silences
        on
            needed.scoring_model = silences.scoring_model
            and needed.account_id = silences.account_id
            and needed.starts_on >= silences.engaged_on
            and needed.starts_on < silences.next_engaged_on

)

select * from final
