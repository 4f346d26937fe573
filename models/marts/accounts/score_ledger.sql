{#
  One row per thing that adds to, or takes from, the score of an account on the as-of date, per
  scoring model. The points of an account's rows sum to its `score_raw`, exactly.
#}
with

items as (

    select * from {{ ref('int_score_items') }}
    where points <> 0

),

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

    select * from {{ ref('int_contacts') }}

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

item_entries as (

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        occurred_on,
        counts_from,
        event_count,
        age_days,
        base_points,
        persona_weight,
        decay_factor,
        points

    from items

),

reset_entries as (

    -- "not interested" and unsubscribing take back all that was earned up to their day
    select
        'reset' as entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        reset_on as occurred_on,
        reset_on as counts_from,
        cast(sum(event_count) as integer) as event_count,
        sum(points) as base_points,
        -sum(points) as points

    from items
    where reset_on is not null
    group by scoring_model, account_id, person_id, signal, combination, reset_on

),

silence_entries as (

    select
        'silence' as entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        cast(sum(event_count) as integer) as event_count,
        sum(points) as base_points,
        sum({{ exact_points(double('points') ~ ' * (silence_factor - 1)') }}) as points

    from items
    where reset_on is null and silence_factor <> 1
    group by scoring_model, account_id, person_id, signal, combination

),

earned as (

    select
        scoring_model,
        account_id,
        signal,
        points,
        entry_type = 'breadth' as is_breadth

    from item_entries

    union all

    select
        scoring_model,
        account_id,
        signal,
        points,
        false as is_breadth

    from reset_entries

    union all

    select
        scoring_model,
        account_id,
        signal,
        points,
        signal is null and combination is null as is_breadth

    from silence_entries

),

capped_sums as (

    select
        earned.scoring_model,
        earned.account_id,
        earned.signal,
        sum(earned.points) as earned_points,
        max(
            case
                when earned.is_breadth then scoring_models.breadth_max_points
                else model_signals.max_points
            end
        ) as max_points

    from earned
    inner join scoring_models on earned.scoring_model = scoring_models.scoring_model
    left join model_signals
        on
            earned.scoring_model = model_signals.scoring_model
            and earned.signal = model_signals.signal
    where earned.is_breadth or model_signals.max_points is not null
    group by earned.scoring_model, earned.account_id, earned.signal

),

cap_entries as (

    select
        'cap' as entry_type,
        scoring_model,
        account_id,
        signal,
        earned_points as base_points,
        {{ exact_points('max_points') }} - earned_points as points

    from capped_sums
    where earned_points > max_points

),

sums as (

    select
        scoring_model,
        account_id,
        sum(points) as points

    from (
        select
            scoring_model,
            account_id,
            points

        from earned

        union all

        select
            scoring_model,
            account_id,
            points

        from cap_entries
    ) as all_points
    group by scoring_model, account_id

),

floor_entries as (

    -- no account scores less than 0
    select
        'floor' as entry_type,
        scoring_model,
        account_id,
        points as base_points,
        -points as points

    from sums
    where points < 0

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
        event_count,
        age_days,
        {{ exact_points('base_points') }} as base_points,
        persona_weight,
        decay_factor,
        points

    from item_entries

    union all

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        occurred_on,
        counts_from,
        event_count,
        cast(null as integer) as age_days,
        base_points,
        null as persona_weight,
        null as decay_factor,
        points

    from reset_entries

    union all

    select
        entry_type,
        scoring_model,
        account_id,
        person_id,
        signal,
        combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        event_count,
        cast(null as integer) as age_days,
        base_points,
        null as persona_weight,
        null as decay_factor,
        points

    from silence_entries

    union all

    select
        entry_type,
        scoring_model,
        account_id,
        {{ null_text() }} as person_id,
        signal,
        {{ null_text() }} as combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        cast(null as integer) as event_count,
        cast(null as integer) as age_days,
        base_points,
        null as persona_weight,
        null as decay_factor,
        points

    from cap_entries

    union all

    select
        entry_type,
        scoring_model,
        account_id,
        {{ null_text() }} as person_id,
        {{ null_text() }} as signal,
        {{ null_text() }} as combination,
        cast(null as date) as occurred_on,
        cast(null as date) as counts_from,
        cast(null as integer) as event_count,
        cast(null as integer) as age_days,
        base_points,
        null as persona_weight,
        null as decay_factor,
        points

    from floor_entries

),

final as (

    select
        md5(
            entries.scoring_model || '|' || entries.account_id || '|' || entries.entry_type
            || '|' || coalesce(entries.person_id, '') || '|' || coalesce(entries.signal, '')
            || '|' || coalesce(entries.combination, '')
            || '|' || coalesce(cast(entries.occurred_on as {{ dbt.type_string() }}), '')
            || '|' || coalesce(cast(entries.counts_from as {{ dbt.type_string() }}), '')
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
