{#
  One row per change of an account's points: from `starts_on` on, `amount` x 0.5 ^ (days since
  `decays_from` / `half_life_days`) more. Caps are in it already, as curves that are flat as long
  as a signal has more than its cap.
#}
{% set account_keys = ['scoring_model', 'account_id', 'component', 'silence_bits'] %}
{% set signal_keys = [
    'scoring_model', 'account_id', 'capped_signal', 'max_points', 'silence_bits'
] %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select
        scoring_model,
        silence_days,
        {{ silence_bits('silence_factor') }} as silence_bits

    from {{ ref('scoring_models') }}

),

silences as (

    select * from {{ ref('int_silences') }}

),

intervals as (

    select
        intervals.*,
        scoring_models.silence_bits

    from {{ ref('int_score_intervals') }} as intervals
    inner join scoring_models on intervals.scoring_model = scoring_models.scoring_model

),

uncapped_intervals as (

    select * from intervals
    where capped_signal is null

),

capped_intervals as (

    select * from intervals
    where capped_signal is not null

),

uncapped_curves as (

    {{ interval_curves('uncapped_intervals', account_keys) }}

),

capped_curves as (

    {{ interval_curves('capped_intervals', signal_keys) }}

),

signal_spans as (

    select
        scoring_model,
        account_id,
        capped_signal,
        max_points,
        max(half_life_days) as half_life_days,
        max(silence_bits) as silence_bits,
        min(starts_on) as first_day

    from capped_intervals
    group by scoring_model, account_id, capped_signal, max_points

),

silent_stretches as (

    -- only where a model has both silences and caps
    select
        silences.scoring_model,
        silences.account_id,
        silences.engaged_on,
        silences.silence_days,
        floor(
            {{ days_between(
                'silences.engaged_on',
                'least(' ~ add_days('silences.next_engaged_on', '-1') ~ ', as_of.as_of_date)'
            ) }} * 1.0 / silences.silence_days
        ) as silence_count

    from silences
    cross join as_of
    where silences.scoring_model in (select scoring_model from signal_spans)

),

silent_days as (

    -- a silence bends the curve of a capped signal as a new engagement does
    select
        silent_stretches.scoring_model,
        silent_stretches.account_id,
        {{ add_days(
            'silent_stretches.engaged_on', 'silent_stretches.silence_days * numbers.number'
        ) }} as on_date

    from silent_stretches
    inner join {{ ref('int_numbers') }} as numbers
        on silent_stretches.silence_count >= numbers.number
    where silent_stretches.silence_count >= 1 and numbers.number >= 1

),

bend_days as (

    select
        scoring_model,
        account_id,
        capped_signal,
        starts_on as on_date

    from capped_curves

    union

    select
        signal_spans.scoring_model,
        signal_spans.account_id,
        signal_spans.capped_signal,
        silent_days.on_date

    from signal_spans
    inner join silent_days
        on
            signal_spans.scoring_model = silent_days.scoring_model
            and signal_spans.account_id = silent_days.account_id
            and signal_spans.first_day <= silent_days.on_date

),

bends as (

    select
        bend_days.scoring_model,
        bend_days.account_id,
        bend_days.capped_signal,
        signal_spans.max_points,
        signal_spans.half_life_days,
        signal_spans.silence_bits,
        bend_days.on_date,
        {{ silences_by('silences', 'bend_days.on_date') }} as silences

    from bend_days
    cross join as_of
    inner join signal_spans
        on
            bend_days.scoring_model = signal_spans.scoring_model
            and bend_days.account_id = signal_spans.account_id
            and bend_days.capped_signal = signal_spans.capped_signal
    left join silences
        on
            bend_days.scoring_model = silences.scoring_model
            and bend_days.account_id = silences.account_id
            and bend_days.on_date >= silences.engaged_on
            and bend_days.on_date < silences.next_engaged_on
    where bend_days.on_date <= as_of.as_of_date

),

wanted_bends as (

    select
        scoring_model,
        account_id,
        capped_signal,
        max_points,
        silence_bits,
        {{ double('null') }} as half_life_days,
        on_date,
        silences

    from bends

    union all

    select
        scoring_model,
        account_id,
        capped_signal,
        max_points,
        silence_bits,
        {{ double('half_life_days') }} as half_life_days,
        on_date,
        silences

    from bends
    where half_life_days is not null

),

bend_points as (

    {{ summed_curves(
        'capped_curves', 'wanted_bends', signal_keys, '(select as_of_date from as_of)'
    ) }}

),

signal_states as (

    select
        scoring_model,
        account_id,
        capped_signal,
        silence_bits,
        {{ double('max_points') }} as max_points,
        on_date,
        silences,
        max(half_life_days) as half_life_days,
        {{ double('sum(case when half_life_days is null then points else 0 end)') }}
            as whole_points,
        {{ double('sum(case when half_life_days is not null then points else 0 end)') }}
            as decaying_points

    from bend_points
    group by scoring_model, account_id, capped_signal, silence_bits, max_points, on_date, silences

),

stretches as (

    select
        *,
        coalesce(
            lead(on_date) over (
                partition by scoring_model, account_id, capped_signal order by on_date
            ),
            {{ last_day() }}
        ) as next_on_date,
        -- how many days the signal has more than its cap, were nothing to happen; null: for good
        case
            when whole_points + decaying_points <= max_points then 0
            when whole_points >= max_points then null
            else ceil(
                half_life_days
                * ln(decaying_points / (max_points - whole_points)) / ln({{ double('2') }})
            )
        end as days_above_cap

    from signal_states

),

capped_stretches as (

    select
        *,
        case
            when days_above_cap is null then next_on_date
            when days_above_cap >= {{ days_between('on_date', 'next_on_date') }} then next_on_date
            else {{ add_days('on_date', 'days_above_cap') }}
        end as below_cap_from

    from stretches

),

flat_intervals as (

    select
        scoring_model,
        account_id,
        'points' as component,
        silence_bits,
        cast(null as decimal(18, 6)) as half_life_days,
        {{ last_day() }} as decays_from,
        silences as silences_before,
        on_date as starts_on,
        below_cap_from as ends_on,
        max_points as points

    from capped_stretches
    where below_cap_from > on_date

    union all

    select
        scoring_model,
        account_id,
        'points' as component,
        silence_bits,
        cast(null as decimal(18, 6)) as half_life_days,
        {{ last_day() }} as decays_from,
        silences as silences_before,
        below_cap_from as starts_on,
        next_on_date as ends_on,
        whole_points as points

    from capped_stretches
    where below_cap_from < next_on_date and whole_points <> 0

),

bent_intervals as (

    -- what decays does so from the day of the bend
    select
        scoring_model,
        account_id,
        'points' as component,
        silence_bits,
        half_life_days,
        on_date as decays_from,
        silences as silences_before,
        below_cap_from as starts_on,
        next_on_date as ends_on,
        decaying_points as points

    from capped_stretches
    where below_cap_from < next_on_date and decaying_points <> 0

),

flat_curves as (

    {{ interval_curves('flat_intervals', account_keys) }}

),

bent_curves as (

    {{ interval_curves('bent_intervals', account_keys) }}

),

curves as (

    select * from uncapped_curves
    union all
    select * from flat_curves
    union all
    select * from bent_curves

),

final as (

    select
        curves.scoring_model,
        curves.account_id,
        curves.component,
        curves.silence_bits,
        curves.half_life_days,
        curves.decays_from,
        curves.silences_before,
        curves.starts_on,
        sum({{ exact_points('curves.amount') }}) as amount

    from curves
    cross join as_of
    where curves.starts_on <= as_of.as_of_date
    group by
        curves.scoring_model,
        curves.account_id,
        curves.component,
        curves.silence_bits,
        curves.half_life_days,
        curves.decays_from,
        curves.silences_before,
        curves.starts_on
    having sum({{ exact_points('curves.amount') }}) <> 0

)

select * from final
