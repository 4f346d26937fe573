-- The parts of a change add up to it exactly. An account has one row per day, and each row begins
-- where the previous one ended.
with

changes as (

    select
        *,
        opening_points + new_engagement_points + identity_points + combination_points
        + breadth_points
        + ageing_points + expiry_points + cap_points + silence_points + reset_points
        + configuration_points + late_data_points as all_points,
        lag(change_date) over account_days as last_change_date,
        lag(score) over account_days as last_score,
        lag(score_raw) over account_days as last_score_raw

    from {{ ref('score_changes') }}
    window account_days as (partition by account_id order by change_date)

),

final as (

    select * from changes
    where
        change_points <> all_points
        or change_points <> score_raw - score_raw_before
        or score_change <> score - score_before
        or change_date = last_change_date
        or score_before <> last_score
        -- days without a row may add up to rounding differences
        or abs(score_raw_before - last_score_raw) > 0.00001

)

select * from final
