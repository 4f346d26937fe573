{#
  One row per account and day in `int_point_changes`, with one column per reason and the main
  signals of the day as text.
#}
{{ config(materialized='view') }}
with

point_changes as (

    select * from {{ ref('int_point_changes') }}

),

sums as (

    select
        account_id,
        score_date,
        {% for reason in (
            'new_engagement', 'identity', 'combination', 'breadth', 'ageing', 'expiry', 'reset',
        ) %}
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
        sums.*,
        signal_texts.main_person_id,
        signal_texts.signal_texts

    from sums
    left join signal_texts
        on sums.account_id = signal_texts.account_id and sums.score_date = signal_texts.score_date

)

select * from final
