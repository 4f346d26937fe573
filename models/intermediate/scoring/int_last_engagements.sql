{#
  One row per account with an engagement by the as-of date: the last inbound or mutual one. Outbound
  activity doesn't count.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

signals as (

    select * from {{ ref('int_signals') }}

),

engagements as (

    select
        daily_points.account_id,
        daily_points.person_id,
        daily_points.last_occurred_at,
        daily_points.occurred_on,
        as_of.as_of_date,
        signals.signal,
        signals.label,
        signals.channel,
        signals.points

    from {{ ref('int_daily_points') }} as daily_points
    cross join as_of
    inner join signals on daily_points.signal = signals.signal
    where
        signals.is_engagement
        and {{ counts_on('daily_points', 'as_of.as_of_date') }}

),

last_times as (

    select
        account_id,
        max(last_occurred_at) as last_occurred_at

    from engagements
    group by account_id

),

ranked_engagements as (

    -- if several have the same time, the one with the most points
    select
        engagements.*,
        row_number() over (
            partition by engagements.account_id
            order by engagements.points desc, engagements.signal, engagements.person_id nulls last
        ) as engagement_rank

    from engagements
    inner join last_times
        on
            engagements.account_id = last_times.account_id
            and engagements.last_occurred_at = last_times.last_occurred_at

),

final as (

    select
        account_id,
        signal as last_engagement_signal,
        label as last_engagement_type,
        label || ' ' || {{ day_and_month('occurred_on', 'as_of_date') }} as last_engagement_label,
        last_occurred_at as last_engagement_at,
        {{ days_between('occurred_on', 'as_of_date') }} as days_since_engagement

    from ranked_engagements
    where engagement_rank = 1

)

select * from final
