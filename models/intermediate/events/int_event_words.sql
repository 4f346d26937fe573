{#
  One row per channel, event type and outcome found in the raw tables, with their meaning. A word of
  the landing contract or of a signal means itself; `event_words` gives the meaning of others. An
  unknown outcome counts as no conversation, and a placeholder as none. An unknown event type matches
  no signal.
#}
with

seen as (

    select distinct
        word_key,
        channel,
        source_table,
        event_type,
        outcome,
        {{ plain_word('event_type') }} as plain_type,
        {{ plain_word('outcome') }} as plain_outcome

    from {{ ref('int_events') }}
    where not is_removed

),

placeholders as (

    select distinct {{ one_spelling('value') }} as outcome from {{ ref('placeholders') }}

),

contract_types as (

    {{ known_event_types() }}

),

contract_outcomes as (

    {{ known_outcomes() }}

),

contract_event_types as (

    select
        channel,
        event_type

    from contract_types

),

signal_event_types as (

    select
        channel,
        event_type

    from {{ ref('signals') }}

),

types as (

    select
        channel,
        {{ plain_word('event_type') }} as plain_type,
        min(event_type) as event_type

    from (
        select * from contract_event_types
        union all
        select * from signal_event_types
    ) as all_types
    where event_type is not null
    group by channel, {{ plain_word('event_type') }}

),

open_channels as (

    -- channels whose event types can have any name: sales and product
    select channel from contract_types
    where event_type is null

),

words as (

    -- several spellings can mean the same
    select distinct
        source_table,
        case when column_name = 'outcome' then 'outcome' else 'event_type' end as column_name,
        {{ plain_word('word') }} as plain_word,
        means

    from {{ ref('event_words') }}

),

final as (

    select
        seen.word_key,
        seen.channel,
        seen.event_type as event_type_word,
        seen.outcome as outcome_word,
        coalesce(types.event_type, type_words.means, seen.event_type) as event_type,
        coalesce(
            contract_outcomes.outcome,
            outcome_words.means,
            case
                when seen.outcome is not null and placeholders.outcome is null
                    then 'no_conversation'
            end
        ) as outcome,
        coalesce(types.channel, type_words.source_table, open_channels.channel) is not null
            as is_event_type_known,
        coalesce(type_words.means, '') = 'ignored' as is_ignored,
        seen.outcome is null
        or placeholders.outcome is not null
        or coalesce(contract_outcomes.channel, outcome_words.source_table) is not null
            as is_outcome_known

    from seen
    left join types on seen.channel = types.channel and seen.plain_type = types.plain_type
    left join words as type_words
        on
            seen.source_table = type_words.source_table
            and seen.plain_type = type_words.plain_word
            and type_words.column_name = 'event_type'
    left join open_channels on seen.channel = open_channels.channel
    left join placeholders on seen.outcome = placeholders.outcome
    left join contract_outcomes
        on
            seen.channel = contract_outcomes.channel
            and seen.plain_outcome = {{ plain_word('contract_outcomes.outcome') }}
    left join words as outcome_words
        on
            seen.source_table = outcome_words.source_table
            and seen.plain_outcome = outcome_words.plain_word
            and outcome_words.column_name = 'outcome'

)

select * from final
