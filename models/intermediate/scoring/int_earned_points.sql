{#
  One row per event, combination or engaged person that earns points in a scoring model; events of
  one person, signal and day share a row. It counts from `starts_on` to the day before `ends_on`,
  and `value_on` gives its value. No other model decides what earns points.
#}
with

earned as (

    select * from {{ ref('int_event_points') }}
    union all
    select * from {{ ref('int_combination_points') }}
    union all
    select * from {{ ref('int_breadth_points') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

silences as (

    select * from {{ ref('int_silences') }}

),

bounded as (

    select
        *,
        coalesce(signal, combination, 'breadth') as item,
        least(replaced_on, expires_on) as own_end_on

    from earned

),

final as (

    select
        bounded.scoring_model,
        bounded.account_id,
        bounded.person_id,
        bounded.entry_type,
        bounded.item,
        bounded.signal,
        bounded.combination,
        bounded.occurred_on,
        bounded.starts_on,
        least(bounded.own_end_on, {{ kept_until('bounded') }}) as ends_on,
        case
            when bounded.reset_on <= bounded.own_end_on then 'reset'
            when bounded.replaced_on <= bounded.expires_on then 'replaced'
            else 'expired'
        end as end_reason,
        bounded.own_end_on,
        bounded.decays_from,
        {{ double('bounded.half_life_days') }} as half_life_days,
        bounded.max_points,
        bounded.event_count,
        cast(bounded.base_points as decimal(18, 6)) as base_points,
        cast(bounded.persona_weight as decimal(18, 6)) as persona_weight,
        {{ double('bounded.base_points') }} * bounded.event_count
        * {{ double('bounded.persona_weight') }} as points,
        {{ double('scoring_models.silence_factor') }} as silence_factor,
        -- silences by the end of the day before it was earned
        coalesce(silences.silence_count, 0) as silences_before

    from bounded
    inner join scoring_models on bounded.scoring_model = scoring_models.scoring_model
    left join silences
        on
            bounded.scoring_model = silences.scoring_model
            and bounded.account_id = silences.account_id
            and bounded.earned_on > silences.valid_from
            and bounded.earned_on <= silences.valid_until

)

select * from final
