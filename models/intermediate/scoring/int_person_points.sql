{#
  One row per account, person and label of `score_ledger`, for signals and for others. It has the
  points on the as-of date in the primary scoring model. A cap on a signal is shared among people in
  proportion to their points. So the people and the unidentified visitors of an account add up to its
  score.
#}
with

ledger as (

    select * from {{ ref('score_ledger') }}
    where scoring_model = {{ primary_model() }}

),

caps as (

    -- the base points of a cap row are the points before the cap
    select
        account_id,
        -- '': breadth
        coalesce(signal, '') as capped,
        1 + {{ double('points') }} / {{ double('base_points') }} as share_left

    from ledger
    where entry_type = 'cap'

),

final as (

    select
        ledger.account_id,
        ledger.person_id,
        ledger.label,
        ledger.signal is not null as is_signal,
        {{ exact_points(
            'sum(' ~ exact_points(double('ledger.points') ~ ' * coalesce(caps.share_left, 1)') ~ ')'
        ) }} as points,
        sum(case when ledger.entry_type = 'event' then ledger.event_count else 0 end)
            as event_count,
        max(
            case
                when ledger.entry_type = 'event' and signals.is_engagement then ledger.occurred_on
            end
        ) as last_engaged_on

    from ledger
    left join caps
        on
            ledger.account_id = caps.account_id
            and coalesce(ledger.signal, case when ledger.combination is null then '' end)
            = caps.capped
    left join {{ ref('int_signals') }} as signals on ledger.signal = signals.signal
    where ledger.person_id is not null
    group by ledger.account_id, ledger.person_id, ledger.label, ledger.signal is not null

)

select * from final
