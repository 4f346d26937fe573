{#
  One row per account and day that `score_changes` can have. It has the score of the day and of the
  day before, one column per reason, and the main signals of the day as text.
#}
{{ config(materialized='view') }}
{% set account_days = '(partition by history.account_id order by history.score_date)' %}
{% set reasons = [
    'new_engagement', 'identity', 'combination', 'breadth', 'ageing', 'expiry', 'reset',
] %}
with

days as (

    select
        history.account_id,
        history.score_date,
        history.score,
        history.score_raw,
        history.band,
        lag(history.score) over {{ account_days }} as score_before,
        lag(history.score_raw) over {{ account_days }} as score_raw_before,
        lag(history.band) over {{ account_days }} as band_before,
        history.cap_points - lag(history.cap_points) over {{ account_days }} as cap_points,
        -- above 0, they keep the score from falling below 0
        greatest(history.cap_points, 0)
        - lag(greatest(history.cap_points, 0)) over {{ account_days }} as floor_points

    from {{ ref('account_score_history') }} as history
    inner join {{ ref('int_as_of_date') }} as as_of
        on history.score_date >= {{ first_journal_day('as_of.as_of_date') }}
    where history.scoring_model = {{ primary_model() }}

),

point_changes as (

    select * from {{ ref('int_point_changes') }}

),

sums as (

    select
        account_id,
        score_date,
        {% for reason in reasons %}
        sum(case when reason = '{{ reason }}' then points else 0 end) as {{ reason }}_points,
        {% endfor %}
        -- the points that counted for the account, or someone else, until the visitor was
        -- identified
        sum(case when reason = 'identity' and signal is null then points else 0 end)
            as unnamed_points,
        sum(silence_points) as silence_points

    from point_changes
    group by account_id, score_date

),

ranked_signals as (

    select
        point_changes.account_id,
        point_changes.score_date,
        point_changes.person_id,
        signals.label || ' (' || {{ points_text('point_changes.points') }} || ')' as signal_text,
        row_number() over (
            partition by point_changes.account_id, point_changes.score_date
            order by
                {{ ranked_points('abs(point_changes.points)') }} desc,
                signals.label,
                point_changes.reason
        ) as signal_rank,
        count(*) over (
            partition by point_changes.account_id, point_changes.score_date
        ) as signal_count

    from point_changes
    inner join {{ ref('int_signals') }} as signals on point_changes.signal = signals.signal
    where point_changes.points <> 0

),

signal_texts as (

    select
        account_id,
        score_date,
        max(case when signal_rank = 1 then person_id end) as main_person_id,
        max(case when signal_rank = 1 then signal_text end)
        || coalesce(', ' || max(case when signal_rank = 2 then signal_text end), '')
        || coalesce(', ' || max(case when signal_rank = 3 then signal_text end), '')
        || case
            when max(signal_count) > 3
                then ' and ' || cast(max(signal_count) - 3 as {{ dbt.type_string() }}) || ' more'
            else ''
        end as signal_texts

    from ranked_signals
    group by account_id, score_date

),

final as (

    select
        days.account_id,
        days.score_date,
        days.score,
        days.score_raw,
        days.band,
        days.score_before,
        days.score_raw_before,
        days.band_before,
        {% for reason in reasons + ['unnamed', 'silence'] %}
        coalesce(sums.{{ reason }}_points, 0) as {{ reason }}_points,
        {% endfor %}
        coalesce(days.cap_points, 0) as cap_points,
        coalesce(days.floor_points, 0) as floor_points,
        signal_texts.main_person_id,
        signal_texts.signal_texts

    from days
    left join sums on days.account_id = sums.account_id and days.score_date = sums.score_date
    left join signal_texts
        on days.account_id = signal_texts.account_id and days.score_date = signal_texts.score_date

)

select * from final
