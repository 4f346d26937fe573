{#
  One row per thing that adds to, or takes from, the score of an account on the as-of date, per
  scoring model. The points of an account's rows sum to its `score_raw`, exactly.
#}
with

model_signals as (

    select * from {{ ref('int_scoring_model_signals') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

combinations as (

    select * from {{ ref('signal_combinations') }}

),

contacts as (

    select * from {{ ref('int_shown_contacts') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

losses as (

    -- "not interested" and unsubscribing take back all that was earned up to their day; silence
    -- takes its part of the rest
    select
        case when reset_on is not null then 'reset' else 'silence' end as entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        reset_on,
        event_count,
        points as points_before,
        case
            when reset_on is not null then -points
            else {{ exact_points(double('points') ~ ' * (silence_factor - 1)') }}
        end as points

    from {{ ref('int_score_items') }}
    where points <> 0 and (reset_on is not null or silence_factor <> 1)

),

loss_entries as (

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        reset_on as occurred_on,
        reset_on as counts_from,
        cast(null as integer) as age_days,
        cast(sum(event_count) as integer) as event_count,
        sum(points_before) as base_points,
        null as persona_weight,
        null as decay_factor,
        sum(points) as points

    from losses
    group by
        entry_type, scoring_model, account_id, person_id, signal, combination, reset_on

),

earned_points as (

    select
        scoring_model,
        account_id,
        signal,
        combination,
        points

    from {{ ref('int_score_items') }}

    union all

    select
        scoring_model,
        account_id,
        signal,
        combination,
        points

    from loss_entries

),

earned_sums as (

    select
        scoring_model,
        account_id,
        signal,
        combination,
        sum(points) as points

    from earned_points
    group by scoring_model, account_id, signal, combination

),

capped_sums as (

    -- all signals with a cap, and breadth: what is about neither a signal nor a combination
    select
        earned_sums.scoring_model,
        earned_sums.account_id,
        earned_sums.signal,
        earned_sums.points as points_before,
        case
            when earned_sums.signal is null then scoring_models.breadth_max_points
            else model_signals.max_points
        end as max_points

    from earned_sums
    inner join scoring_models on earned_sums.scoring_model = scoring_models.scoring_model
    left join model_signals
        on
            earned_sums.scoring_model = model_signals.scoring_model
            and earned_sums.signal = model_signals.signal
    where earned_sums.combination is null

),

cap_entries as (

    select
        'cap' as entry_type,
        scoring_model,
        account_id,
        {{ null_text() }} as person_id,
        signal,
        {{ null_text() }} as combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        cast(null as integer) as age_days,
        cast(null as integer) as event_count,
        points_before as base_points,
        null as persona_weight,
        null as decay_factor,
        {{ exact_points('max_points') }} - points_before as points

    from capped_sums
    where points_before > max_points

),

capped_points as (

    select
        scoring_model,
        account_id,
        points

    from earned_sums

    union all

    select
        scoring_model,
        account_id,
        points

    from cap_entries

),

floor_entries as (

    -- no account scores less than 0
    select
        'floor' as entry_type,
        scoring_model,
        account_id,
        {{ null_text() }} as person_id,
        {{ null_text() }} as signal,
        {{ null_text() }} as combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        cast(null as integer) as age_days,
        cast(null as integer) as event_count,
        sum(points) as base_points,
        null as persona_weight,
        null as decay_factor,
        -sum(points) as points

    from capped_points
    group by scoring_model, account_id
    having sum(points) < 0

),

entries as (

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        occurred_on,
        counts_from,
        age_days,
        event_count,
        {{ exact_points('base_points') }} as base_points,
        persona_weight,
        decay_factor,
        points

    from {{ ref('int_score_items') }}
    where points <> 0
    union all
    select * from loss_entries
    union all
    select * from cap_entries
    union all
    select * from floor_entries

),

final as (

    select
        md5(
            {{ key_text([
                'entries.scoring_model', 'entries.account_id', 'entries.entry_type',
                masked('entries.person_id'), 'entries.signal', 'entries.combination',
                'entries.occurred_on', 'entries.counts_from',
            ]) }}
        ) as ledger_entry_id,
        entries.scoring_model,
        entries.account_id,
        {{ masked('entries.person_id') }} as person_id,
        contacts.full_name as person_name,
        entries.entry_type,
        entries.signal,
        entries.combination,
        coalesce(
            signals.label,
            combinations.label,
            case when entries.entry_type = 'floor' then 'No score below 0' else 'Engaged people' end
        ) as label,
        entries.occurred_on,
        entries.counts_from,
        entries.age_days,
        entries.event_count,
        entries.base_points,
        cast(entries.persona_weight as decimal(18, 6)) as persona_weight,
        cast(entries.decay_factor as decimal(18, 12)) as decay_factor,
        entries.points,
        as_of.as_of_date

    from entries
    cross join as_of
    left join signals on entries.signal = signals.signal
    left join combinations on entries.combination = combinations.combination
    left join contacts on entries.person_id = contacts.contact_id

)

select * from final
