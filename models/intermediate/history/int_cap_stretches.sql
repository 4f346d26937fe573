{#
  One row per account, scoring model, signal with a cap and stretch of days on which its points are
  above the cap, from `starts_on` to the day before `ends_on`: `whole_points` that do not decay there,
  and `decaying_points` that halve every `half_life_days` from `starts_on` on.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select
        scoring_model,
        {{ silence_bits('silence_factor') }} as silence_bits

    from {{ ref('scoring_models') }}

),

silences as (

    select * from {{ ref('int_silences') }}

),

silent_days as (

    select * from {{ ref('int_silent_days') }}

),

intervals as (

    select
        intervals.*,
        scoring_models.silence_bits

    from {{ ref('int_score_intervals') }} as intervals
    inner join scoring_models on intervals.scoring_model = scoring_models.scoring_model
    where intervals.max_points is not null and intervals.counted_from < intervals.ends_on

),

capped_signals as (

    -- without those that stay below their cap even if nothing ever decays; numbered, so that curves
    -- are told apart by one short column
    select
        row_number() over (order by scoring_model, account_id, signal) as signal_number,
        scoring_model,
        account_id,
        signal,
        silence_bits,
        max_points,
        max(half_life_days) as half_life_days,
        min(counted_from) as first_day

    from intervals
    group by scoring_model, account_id, signal, silence_bits, max_points
    having sum(greatest(points, 0)) > max_points

),

capped_intervals as (

    select
        capped_signals.signal_number,
        capped_signals.silence_bits,
        intervals.half_life_days,
        intervals.decays_from,
        intervals.silences_before,
        intervals.counted_from as starts_on,
        intervals.ends_on,
        intervals.points

    from intervals
    inner join capped_signals
        on
            intervals.scoring_model = capped_signals.scoring_model
            and intervals.account_id = capped_signals.account_id
            and intervals.signal = capped_signals.signal

),

capped_curves as (

    {{ interval_curves('capped_intervals', ['signal_number', 'silence_bits']) }}

),

bend_days as (

    select
        signal_number,
        starts_on as on_date

    from capped_curves

    union

    select
        capped_signals.signal_number,
        silent_days.silent_on as on_date

    -- a silence bends the curve of a signal as a new engagement does
    from capped_signals
    inner join silent_days
        on
            capped_signals.scoring_model = silent_days.scoring_model
            and capped_signals.account_id = silent_days.account_id
            and capped_signals.first_day <= silent_days.silent_on

),

bends as (

    select
        bend_days.signal_number,
        bend_days.on_date,
        capped_signals.half_life_days,
        capped_signals.silence_bits,
        {{ silences_by('silences', 'bend_days.on_date') }} as silences

    from bend_days
    cross join as_of
    inner join capped_signals on bend_days.signal_number = capped_signals.signal_number
    left join silences
        on
            capped_signals.scoring_model = silences.scoring_model
            and capped_signals.account_id = silences.account_id
            and bend_days.on_date >= silences.engaged_on
            and bend_days.on_date < silences.next_engaged_on
    where bend_days.on_date <= as_of.as_of_date

),

wanted_bends as (

    select
        signal_number,
        silence_bits,
        {{ double('null') }} as half_life_days,
        on_date,
        silences

    from bends

    union all

    select
        signal_number,
        silence_bits,
        {{ double('half_life_days') }} as half_life_days,
        on_date,
        silences

    from bends
    where half_life_days is not null

),

bend_points as (

    {{ summed_curves(
        'capped_curves', 'wanted_bends', ['signal_number'], '(select as_of_date from as_of)'
    ) }}

),

bend_sums as (

    select
        signal_number,
        on_date,
        silences,
        max(half_life_days) as half_life_days,
        {{ double('sum(case when half_life_days is null then amount else 0 end)') }}
            as whole_points,
        {{ double('sum(case when half_life_days is not null then amount else 0 end)') }}
            as decaying_points

    from bend_points
    group by signal_number, on_date, silences

),

signal_states as (

    select
        capped_signals.signal_number,
        capped_signals.scoring_model,
        capped_signals.account_id,
        capped_signals.signal,
        capped_signals.silence_bits,
        {{ double('capped_signals.max_points') }} as max_points,
        bend_sums.on_date,
        bend_sums.silences,
        bend_sums.half_life_days,
        bend_sums.whole_points,
        bend_sums.decaying_points

    from bend_sums
    inner join capped_signals on bend_sums.signal_number = capped_signals.signal_number

),

stretches as (

    select
        *,
        coalesce(
            lead(on_date) over (partition by signal_number order by on_date),
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

final as (

    select
        scoring_model,
        account_id,
        signal,
        max_points,
        half_life_days,
        silence_bits,
        silences,
        whole_points,
        decaying_points,
        on_date as starts_on,
        case
            when days_above_cap is null then next_on_date
            when days_above_cap >= {{ days_between('on_date', 'next_on_date') }} then next_on_date
            else {{ add_days('on_date', 'days_above_cap') }}
        end as ends_on

    from stretches
    where coalesce(days_above_cap > 0, true)

)

select * from final
