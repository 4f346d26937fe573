{#
  One row per entry that adds points to an account's score, or takes some away, on the as-of date,
  per scoring model. The points of an account sum to its `score_raw` exactly. It is the last day of
  the history, row by row.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

valued as (

    -- points taken by a reset are listed until they would have expired, and subtracted below
    select
        earned.*,
        case when earned.ends_on <= as_of.as_of_date then earned.ends_on end as lost_on,
        {{ decay_on('as_of.as_of_date') }} as decay_factor,
        {{ exact_points('earned.points * ' ~ decay_on('as_of.as_of_date')) }} as decayed_points,
        {{ value_on('as_of.as_of_date', 'history.silence_count') }} as points_left

    from {{ ref('int_earned_points') }} as earned
    inner join as_of
        on earned.starts_on <= as_of.as_of_date and earned.own_end_on > as_of.as_of_date
    inner join {{ ref('int_score_history') }} as history
        on
            earned.scoring_model = history.scoring_model
            and earned.account_id = history.account_id
            and as_of.as_of_date = history.score_date
    where
        earned.entry_type <> 'breadth'
        -- a person whose points were reset is no longer engaged
        or (earned.ends_on > as_of.as_of_date and history.has_breadth)

),

counting as (

    select * from valued
    where decayed_points <> 0

),

earnings as (

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        occurred_on,
        starts_on as counts_from,
        cast(sum(event_count) as integer) as event_count,
        {{ exact_points('base_points') }} as base_points,
        persona_weight,
        decay_factor,
        max(max_points) as max_points,
        sum(decayed_points) as points

    from counting
    group by
        entry_type, scoring_model, account_id, person_id, signal, combination, occurred_on,
        starts_on, base_points, persona_weight, decay_factor

),

losses as (

    -- a reset takes back everything earned up to its day; a silence takes its share of what is left
    select
        case when lost_on is not null then 'reset' else 'silence' end as entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        lost_on as occurred_on,
        lost_on as counts_from,
        cast(sum(event_count) as integer) as event_count,
        sum(decayed_points) as base_points,
        cast(null as decimal(18, 6)) as persona_weight,
        {{ double('null') }} as decay_factor,
        max(max_points) as max_points,
        sum(case when lost_on is not null then 0 else points_left end - decayed_points) as points

    from counting
    where lost_on is not null or points_left <> decayed_points
    group by scoring_model, account_id, person_id, signal, combination, lost_on

),

uncapped as (

    select * from earnings
    union all
    select * from losses

),

caps as (

    select
        'cap' as entry_type,
        scoring_model,
        account_id,
        {{ null_text() }} as person_id,
        signal,
        combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        cast(null as integer) as event_count,
        sum(points) as base_points,
        cast(null as decimal(18, 6)) as persona_weight,
        {{ double('null') }} as decay_factor,
        max(max_points) as max_points,
        {{ exact_points('max(max_points)') }} - sum(points) as points

    from uncapped
    group by scoring_model, account_id, signal, combination
    having sum(points) > max(max_points)

),

unfloored as (

    select * from uncapped
    union all
    select * from caps

),

floors as (

    -- no score is below 0
    select
        'floor' as entry_type,
        scoring_model,
        account_id,
        {{ null_text() }} as person_id,
        {{ null_text() }} as signal,
        {{ null_text() }} as combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        cast(null as integer) as event_count,
        sum(points) as base_points,
        cast(null as decimal(18, 6)) as persona_weight,
        {{ double('null') }} as decay_factor,
        cast(null as decimal(18, 6)) as max_points,
        -sum(points) as points

    from unfloored
    group by scoring_model, account_id
    having sum(points) < 0

),

entries as (

    select * from unfloored
    union all
    select * from floors

),

final as (

    select
        md5(
            {{ key_text([
                'entries.scoring_model', 'entries.account_id', 'entries.entry_type',
                'entries.person_id', 'entries.signal', 'entries.combination',
                'entries.occurred_on', 'entries.counts_from',
            ]) }}
        ) as ledger_entry_id,
        entries.scoring_model,
        entries.account_id,
        entries.person_id,
        contacts.full_name as person_name,
        entries.entry_type,
        entries.signal,
        entries.combination,
        coalesce(
            signals.label,
            combinations.label,
            case
                when entries.entry_type in ('breadth', 'cap', 'reset', 'silence')
                    then 'Engaged people'
                when entries.entry_type = 'floor' then 'No score below 0'
            end
        ) as label,
        entries.occurred_on,
        entries.counts_from,
        case
            when entries.decay_factor is not null
                then {{ days_between('entries.occurred_on', 'as_of.as_of_date') }}
        end as age_days,
        entries.event_count,
        entries.base_points,
        entries.persona_weight,
        cast(entries.decay_factor as decimal(18, 12)) as decay_factor,
        {{ exact_points('entries.points') }} as points,
        {{ rounded_points('entries.points') }} as points_rounded,
        as_of.as_of_date

    from entries
    cross join as_of
    left join {{ ref('int_signals') }} as signals on entries.signal = signals.signal
    left join {{ ref('signal_combinations') }} as combinations
        on entries.combination = combinations.combination
    left join {{ ref('int_contacts') }} as contacts on entries.person_id = contacts.contact_id

)

select * from final
