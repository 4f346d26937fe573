-- The parts of a change add up to it, exactly, and a row begins where the row before it ended.
-- Of the last 28 days: a row never changes once its day is settled.
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

changes as (

    select
        *,
        new_engagement_points + identity_points + combination_points + breadth_points
        + ageing_points + expiry_points + cap_points + silence_points + reset_points
        + configuration_points + late_data_points as all_points,
        lag(score) over account_days as last_score,
        lag(score_raw) over account_days as last_score_raw

    from {{ ref('score_changes') }}
    where change_date > (select {{ add_days('as_of_date', '-28') }} from as_of)
    window account_days as (partition by account_id order by change_date)

),

final as (

    select * from changes
    where
        change_points <> all_points
        or change_points <> score_raw - score_raw_before
        or score_change <> score - score_before
        or score_before <> last_score
        -- days without a row may add up to noise
        or abs(score_raw_before - last_score_raw) > 0.00001

)

select * from final
