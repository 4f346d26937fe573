{#
  One row per account, scoring model and day of the last var `history_days` days. The primary
  scoring model has every day, the others month ends and the as-of date (`int_history_days`).
#}
with

accounts as (

    select account_id from {{ ref('int_accounts') }}

),

days as (

    select * from {{ ref('int_history_days') }}

),

bands as (

    select
        *,
        coalesce(lead(min_score) over (order by min_score), {{ end_of_numbers() }})
            as next_min_score

    from {{ ref('score_bands') }}

),

scores as (

    -- no score is below 0
    select
        history.*,
        {{ exact_points(
            'greatest(history.cap_points, -history.signal_points - history.breadth_points)'
        ) }} as floored_cap_points,
        {{ exact_points(
            'greatest(history.signal_points + history.breadth_points + history.cap_points, 0)'
        ) }} as score_raw

    from {{ ref('int_score_history') }} as history
    inner join accounts on history.account_id = accounts.account_id
    inner join days
        on history.scoring_model = days.scoring_model and history.score_date = days.score_date

),

rounded as (

    select
        *,
        {{ round_score('score_raw') }} as score

    from scores

),

final as (

    select
        rounded.scoring_model,
        rounded.account_id,
        rounded.score_date,
        rounded.score_raw,
        rounded.score,
        bands.band,
        bands.sort_order as band_order,
        rounded.engaged_contacts,
        rounded.signal_points,
        rounded.breadth_points,
        rounded.floored_cap_points as cap_points,
        rounded.silence_count

    from rounded
    inner join bands on rounded.score >= bands.min_score and rounded.score < bands.next_min_score

)

select * from final
