{#
  One row per event kind, persona and range of values, with the signal of such events (null: none).
  If a signal asks for a persona, the kind has one row per persona, and one with '' for people
  without a persona. Otherwise its persona is null, which matches anyone. A range begins at each
  lowest value that a signal asks for.
#}
with

candidates as (

    select * from {{ ref('int_signal_candidates') }}

),

personas as (

    select
        persona,
        is_decision_maker

    from {{ ref('personas') }}

    union distinct

    select
        '' as persona,
        false as is_decision_maker

),

kinds as (

    select
        event_kind,
        page_category,
        count(persona) > 0 as is_persona_asked

    from candidates
    group by event_kind, page_category

),

kind_personas as (

    select
        kinds.event_kind,
        kinds.page_category,
        personas.persona,
        personas.is_decision_maker

    from kinds
    left join personas on kinds.is_persona_asked

),

kind_values as (

    select
        event_kind,
        min_value

    from candidates

    union distinct

    select
        event_kind,
        {{ double('null') }} as min_value

    from candidates

),

ranked_candidates as (

    select
        kind_personas.event_kind,
        kind_personas.page_category,
        kind_personas.persona,
        kind_values.min_value,
        candidates.signal,
        row_number() over (
            partition by kind_personas.event_kind, kind_personas.persona, kind_values.min_value
            order by
                candidates.match_priority desc, candidates.match_columns desc, candidates.signal
        ) as candidate_rank

    from kind_personas
    inner join kind_values on kind_personas.event_kind = kind_values.event_kind
    left join candidates
        on
            kind_personas.event_kind = candidates.event_kind
            and (
                candidates.persona is null
                or kind_personas.persona = candidates.persona
                or (candidates.persona = 'decision_maker' and kind_personas.is_decision_maker)
            )
            and (candidates.min_value is null or kind_values.min_value >= candidates.min_value)

),

final as (

    select
        event_kind,
        page_category,
        persona,
        min_value,
        lead(min_value) over (
            partition by event_kind, persona
            order by min_value nulls first
        ) as below_value,
        signal

    from ranked_candidates
    where candidate_rank = 1

)

select * from final
