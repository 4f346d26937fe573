{#
  One row per band, last signal (null: no engagement yet) and range of ages, with the most specific
  row of `next_actions` that applies. The row with the most match columns filled wins, then the
  highest priority. If one column each is filled, the signal comes before the channel, and the
  channel before the band. If these are equal, the row for fewer days wins.
#}
with

last_signals as (

    select
        signal,
        channel

    from {{ ref('int_signals') }}

    union all

    select
        {{ null_text() }} as signal,
        {{ null_text() }} as channel

),

next_actions as (

    select
        *,
        case when band is not null then 1 else 0 end
        + case when last_signal is not null then 1 else 0 end
        + case when channel is not null then 1 else 0 end as match_columns,
        case when last_signal is not null then 1 when channel is not null then 2 else 3 end
            as column_rank,
        coalesce({{ double('within_days') }}, {{ end_of_numbers() }}) as until_days

    from {{ ref('next_actions') }}

),

ages as (

    -- between two neighbouring bounds, the same rows match
    select
        until_days,
        coalesce(lag(until_days) over (order by until_days), -1) as after_days

    from next_actions
    group by until_days

),

candidates as (

    select
        bands.band,
        last_signals.signal as last_signal,
        ages.after_days,
        ages.until_days,
        next_actions.next_action,
        row_number() over (
            partition by bands.band, last_signals.signal, ages.until_days
            order by
                next_actions.match_columns desc,
                coalesce(next_actions.priority, 0) desc,
                next_actions.column_rank,
                next_actions.until_days,
                next_actions.next_action
        ) as action_rank

    from {{ ref('score_bands') }} as bands
    cross join last_signals
    cross join ages
    inner join next_actions
        on
            (next_actions.band is null or bands.band = next_actions.band)
            and (
                next_actions.last_signal is null
                or last_signals.signal = next_actions.last_signal
            )
            and (next_actions.channel is null or last_signals.channel = next_actions.channel)
            and ages.until_days <= next_actions.until_days

),

final as (

    select
        band,
        last_signal,
        after_days,
        until_days,
        next_action

    from candidates
    where action_rank = 1

)

select * from final
