{#
  One row per account: its score in the primary scoring model on the as-of date, and its band. Then
  since when it has them, and how the score changed over the last days. Today is the last day of the
  history.
#}
{% set shown_days = {0: '', 7: '_7_days_ago', 28: '_28_days_ago'} %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}
    where is_primary

),

history as (

    select
        history.account_id,
        history.scoring_model,
        history.score,
        history.score_raw,
        history.engaged_contacts,
        history.band,
        history.band_order,
        scoring_models.trend_days,
        scoring_models.trend_tolerance,
        {{ days_between('history.score_date', 'as_of.as_of_date') }} as days_ago

    from {{ ref('account_score_history') }} as history
    inner join scoring_models on history.scoring_model = scoring_models.scoring_model
    cross join as_of

),

past_scores as (

    -- null: the history is too short
    select
        account_id,
        scoring_model,
        max(case when days_ago = 0 then score_raw end) as score_raw,
        max(case when days_ago = 0 then engaged_contacts end) as engaged_contacts,
        {% for days, suffix in shown_days.items() %}
        max(case when days_ago = {{ days }} then score end) as score{{ suffix }},
        max(case when days_ago = {{ days }} then band end) as band{{ suffix }},
        max(case when days_ago = {{ days }} then band_order end) as band_order{{ suffix }},
        {% endfor %}
        max(case when days_ago = trend_days then score end) as score_before,
        max(case when days_ago = 2 * trend_days then score end) as score_long_before,
        max(trend_tolerance) as trend_tolerance

    from history
    where
        days_ago in ({{ shown_days | join(', ') }}) or days_ago in (trend_days, 2 * trend_days)
    group by account_id, scoring_model

),

other_days as (

    -- the last day with another score, and the last day in another band
    select
        history.account_id,
        min(history.days_ago) as other_score_days_ago,
        min(case when history.band <> past_scores.band then history.days_ago end)
            as other_band_days_ago

    from history
    inner join past_scores on history.account_id = past_scores.account_id
    where history.score <> past_scores.score
    group by history.account_id

),

final as (

    select
        past_scores.account_id,
        past_scores.scoring_model,
        past_scores.score,
        past_scores.score_raw,
        past_scores.engaged_contacts,
        past_scores.band,
        past_scores.band_order,
        -- null: it had this band, or this score, throughout the history
        {{ add_days('as_of.as_of_date', '1 - other_days.other_band_days_ago') }} as band_since,
        {{ add_days('as_of.as_of_date', '1 - other_days.other_score_days_ago') }} as score_since,
        past_scores.band_28_days_ago,
        past_scores.band_order_28_days_ago,
        past_scores.score_7_days_ago,
        past_scores.score_28_days_ago,
        past_scores.score - past_scores.score_7_days_ago as score_change_7_days,
        past_scores.score - past_scores.score_28_days_ago as score_change_28_days,
        case
            when past_scores.score - past_scores.score_before > past_scores.trend_tolerance
                then 'up'
            when past_scores.score_before - past_scores.score > past_scores.trend_tolerance
                then 'down'
            when past_scores.score_before is not null then 'flat'
        end as trend,
        (past_scores.score - past_scores.score_before)
        - (past_scores.score_before - past_scores.score_long_before) as acceleration

    from past_scores
    cross join as_of
    left join other_days on past_scores.account_id = other_days.account_id

)

select * from final
