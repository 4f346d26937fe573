{#
  One row per fault in the words of other tools: of events, outcomes, stages and resets.
#}
{{ config(materialized='ephemeral') }}
with

resets as (

    select * from {{ ref('resets') }}

),

event_words as (

    select
        *,
        'source_table=' || source_table || ', word=' || word as row_key,
        {{ plain_word('word') }} as plain_word

    from {{ ref('event_words') }}

),

known_words as (

    {{ known_words() }}

),

event_types as (

    {{ known_event_types() }}

),

word_faults as (

    select
        'event_words' as seed,
        min(row_key) as row_key,
        'another spelling of it, ' || max(word) || ', means something else' as fault,
        'Keep one of the rows.' as remedy

    from event_words
    group by source_table, case when column_name = 'outcome' then 1 else 0 end, plain_word
    having count(distinct means) > 1

    union all

    select
        'event_words' as seed,
        event_words.row_key,
        event_words.source_table || ' has no words in column ' || event_words.column_name as fault,
        'Use event_type; in crm_activities, activity_type or outcome.' as remedy

    from event_words
    left join known_words
        on
            event_words.source_table = known_words.source_table
            and event_words.column_name = known_words.column_name
    where known_words.source_table is null

    union all

    select
        'event_words' as seed,
        event_words.row_key,
        'means is ''' || event_words.means || ''', which is no word of column '
        || event_words.column_name as fault,
        'Use one of: ' || {{ ordered_text('known_words.word') }} || '.' as remedy

    from event_words
    inner join known_words
        on
            event_words.source_table = known_words.source_table
            and event_words.column_name = known_words.column_name
    group by event_words.row_key, event_words.means, event_words.column_name
    having
        max(case when known_words.word = event_words.means then 1 else 0 end) = 0
        -- a null stands for any word
        and count(known_words.word) = count(*)

),

reset_faults as (

    select
        'resets' as seed,
        'reset=' || resets.reset as row_key,
        'no event of the landing contract has this channel, event_type and outcome' as fault,
        'Use a channel and one of its event types; only sales has outcomes.' as remedy

    from resets
    left join event_types
        on
            resets.channel = event_types.channel
            and (
                resets.event_type is null
                or event_types.event_type is null
                or resets.event_type = event_types.event_type
            )
            and (resets.outcome is null or event_types.has_outcome)
    where event_types.channel is null

    union all

    select
        'resets' as seed,
        'reset=' || reset as row_key,
        'event_type and outcome are both empty' as fault,
        'Fill one of them: otherwise every event of the channel would be a reset.' as remedy

    from resets
    where event_type is null and outcome is null

),

stage_faults as (

    {% for seed, meaning in [
        ('opportunity_stages', 'outcome'), ('lifecycle_stages', 'lifecycle')
    ] %}
    select
        '{{ seed }}' as seed,
        'stage=' || min(stage) as row_key,
        'another spelling of it, ' || max(stage) || ', has another {{ meaning }}' as fault,
        'Give both the same {{ meaning }}, or delete one of them.' as remedy

    from {{ ref(seed) }}
    group by {{ plain_word('stage') }}
    having min({{ meaning }}) <> max({{ meaning }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select * from word_faults
    union all
    select * from reset_faults
    union all
    select * from stage_faults

)

select * from final
