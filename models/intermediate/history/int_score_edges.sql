{#
  One row per thing of the primary scoring model and day on which it begins or ceases to count, with
  the points it brings or takes on that day. A thing that another takes over from ends and begins.
#}
with

scoring_models as (

    select * from {{ ref('scoring_models') }}
    where is_primary

),

silences as (

    select * from {{ ref('int_silences') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

intervals as (

    select
        intervals.*,
        scoring_models.silence_factor

    from {{ ref('int_score_intervals') }} as intervals
    inner join scoring_models on intervals.scoring_model = scoring_models.scoring_model
    where intervals.component <> 'people'

),

cap_stretches as (

    select distinct
        cap_stretches.account_id,
        cap_stretches.signal,
        cap_stretches.starts_on

    from {{ ref('int_cap_stretches') }} as cap_stretches
    inner join scoring_models on cap_stretches.scoring_model = scoring_models.scoring_model

),

starts as (

    select
        intervals.*,
        intervals.starts_on as on_date,
        intervals.starts_on as valued_on,
        'start' as edge

    from intervals
    cross join as_of
    where
        intervals.counted_from = intervals.starts_on
        and intervals.starts_on <= as_of.as_of_date

),

ends as (

    -- worth what it was on the day before
    select
        intervals.*,
        intervals.ends_on as on_date,
        {{ add_days('intervals.ends_on', '-1') }} as valued_on,
        'end' as edge

    from intervals
    cross join as_of
    where intervals.ends_on <= as_of.as_of_date

),

edges as (

    select * from starts
    union all
    select * from ends

),

valued as (

    select
        edges.*,
        {{ double('edges.points') }} * {{ decay_after(
            days_between('edges.decays_from', 'edges.valued_on'), 'edges.half_life_days'
        ) }} as points_before_silence,
        case
            -- a silence at the end of the first day is a change of that day
            when edges.edge = 'start' or edges.silence_factor is null then 0
            else {{ silences_by('silences', 'edges.valued_on') }} - edges.silences_before
        end as silence_count

    from edges
    left join silences
        on
            edges.scoring_model = silences.scoring_model
            and edges.account_id = silences.account_id
            and edges.valued_on >= silences.engaged_on
            and edges.valued_on < silences.next_engaged_on

),

final as (

    select
        valued.account_id,
        valued.on_date,
        valued.edge,
        valued.component,
        valued.person_id,
        valued.signal,
        valued.combination,
        valued.occurred_on,
        case when valued.edge = 'end' then valued.end_reason end as end_reason,
        valued.edge = 'start' and cap_stretches.signal is not null as is_capped,
        {{ exact_points(
            "case when valued.edge = 'end' then -1 else 1 end * valued.points_before_silence"
            ~ ' * case when valued.silence_count = 0 then 1'
            ~ ' else power(' ~ double('valued.silence_factor') ~ ', valued.silence_count) end'
        ) }} as points

    from valued
    left join cap_stretches
        on
            valued.account_id = cap_stretches.account_id
            and valued.signal = cap_stretches.signal
            and valued.on_date = cap_stretches.starts_on

)

select * from final
