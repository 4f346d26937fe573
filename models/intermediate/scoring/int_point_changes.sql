{#
  One row per account, day of the last var `journal_days` days, reason and signal: how the points
  changed in the primary scoring model. It values the same earned points on two days. Only new
  engagement and identification have a signal.
#}
{% set account_days = '(partition by history.account_id order by history.score_date)' %}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

days as (

    select
        history.scoring_model,
        history.account_id,
        history.score_date,
        history.silence_count,
        lag(history.score_date) over {{ account_days }} as date_before,
        lag(history.silence_count) over {{ account_days }} as silence_count_before,
        history.has_breadth,
        lag(history.has_breadth) over {{ account_days }} as had_breadth

    from {{ ref('int_score_history') }} as history
    inner join as_of
        on
            history.score_date between {{ first_journal_day('as_of.as_of_date') }}
            and as_of.as_of_date
    where history.scoring_model = {{ primary_model() }}

),

moves as (

    select
        earned.*,
        days.score_date,
        days.date_before,
        days.silence_count,
        days.silence_count_before,
        {{ earned_on('days.date_before', 'days.had_breadth') }} as counted_before,
        {{ earned_on('days.score_date', 'days.has_breadth') }} as counts

    from days
    inner join {{ ref('int_earned_points') }} as earned
        on
            days.scoring_model = earned.scoring_model
            and days.account_id = earned.account_id
            and days.score_date >= earned.starts_on
            and days.score_date <= earned.ends_on
    where days.date_before is not null and earned.starts_on < earned.ends_on

),

valued as (

    select
        earned.account_id,
        earned.score_date,
        case
            when earned.counted_before and earned.counts then 'ageing'
            when earned.ends_on = earned.score_date and earned.end_reason = 'expired' then 'expiry'
            when earned.ends_on = earned.score_date and earned.end_reason = 'reset' then 'reset'
            when earned.entry_type <> 'event' then earned.entry_type
            when earned.counts and earned.occurred_on = earned.score_date then 'new_engagement'
            else 'identity'
        end as reason,
        case when earned.starts_on = earned.score_date then earned.signal end as signal,
        case
            when earned.starts_on = earned.score_date and earned.signal is not null
                then earned.person_id
        end as person_id,
        case
            when earned.counted_before
                then {{ value_on('earned.date_before', 'earned.silence_count_before') }}
            else 0
        end as points_before,
        -- a silence at the end of the day is a separate reason
        case
            when earned.counts
                then {{ value_on('earned.score_date', 'earned.silence_count_before') }}
            else 0
        end as points_unsilenced,
        case
            when earned.counts then {{ value_on('earned.score_date', 'earned.silence_count') }}
            else 0
        end as points

    from moves as earned

),

people as (

    select
        account_id,
        score_date,
        reason,
        signal,
        person_id,
        sum(points_unsilenced - points_before) as points,
        sum(points - points_unsilenced) as silence_points

    from valued
    group by account_id, score_date, reason, signal, person_id

),

ranked_people as (

    select
        *,
        row_number() over (
            partition by account_id, score_date, reason, signal
            order by
                case when person_id is null then 2 else 1 end,
                {{ ranked_points('abs(points)') }} desc,
                person_id
        ) as person_rank

    from people

),

final as (

    select
        account_id,
        score_date,
        reason,
        signal,
        max(case when person_rank = 1 then person_id end) as person_id,
        {{ exact_points('sum(points)') }} as points,
        {{ exact_points('sum(silence_points)') }} as silence_points

    from ranked_people
    group by account_id, score_date, reason, signal

)

select * from final
