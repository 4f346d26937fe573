{#
  One row per change of a part of an account's score: from `starts_on` on, `amount` x 0.5 ^ (days
  since `decays_from` / `half_life_days`) more. What began earlier begins on the first day that this
  run works on. The parts: the points of signals and combinations before caps, what caps take off
  them, the points of engaged people, and their number.
#}
{% set account_keys = ['scoring_model', 'account_id', 'component', 'silence_bits'] %}
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

intervals as (

    select
        intervals.scoring_model,
        intervals.account_id,
        intervals.component,
        -- people are never silenced
        case
            when intervals.component = 'people' then {{ double('0') }}
            else scoring_models.silence_bits
        end as silence_bits,
        intervals.half_life_days,
        intervals.decays_from,
        intervals.silences_before,
        intervals.counted_from as starts_on,
        intervals.ends_on,
        intervals.points

    from {{ ref('int_score_intervals') }} as intervals
    inner join scoring_models on intervals.scoring_model = scoring_models.scoring_model
    where intervals.counted_from < intervals.ends_on

),

cap_stretches as (

    select * from {{ ref('int_cap_stretches') }}

),

cap_intervals as (

    -- above its cap a signal has the cap and not its points
    select
        scoring_model,
        account_id,
        'caps' as component,
        silence_bits,
        cast(null as decimal(18, 6)) as half_life_days,
        {{ last_day() }} as decays_from,
        silences as silences_before,
        starts_on,
        ends_on,
        max_points - whole_points as points

    from cap_stretches

    union all

    select
        scoring_model,
        account_id,
        'caps' as component,
        silence_bits,
        half_life_days,
        starts_on as decays_from,
        silences as silences_before,
        starts_on,
        ends_on,
        -decaying_points as points

    from cap_stretches
    where half_life_days is not null

),

interval_curves as (

    {{ interval_curves('intervals', account_keys) }}

),

cap_curves as (

    {{ interval_curves('cap_intervals', account_keys) }}

),

curves as (

    select * from interval_curves
    union all
    select * from cap_curves

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
