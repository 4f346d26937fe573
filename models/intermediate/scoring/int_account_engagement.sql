{#
  One row per live account: its new people, its last engagement and our last sales touch, as of the
  as-of date. An engagement is inbound or mutual, a sales touch outbound or mutual. Null: there was
  none.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

signals as (

    select * from {{ ref('int_signals') }}
    where is_engagement

),

new_people as (

    select
        first_engagements.account_id,
        cast(count(*) as integer) as new_engaged_contacts

    from {{ ref('int_first_engagements') }} as first_engagements
    inner join as_of
        on
            first_engagements.first_engaged_on <= as_of.as_of_date
            and first_engagements.first_engaged_on > {{ add_days('as_of.as_of_date', '-28') }}
    group by first_engagements.account_id

),

last_engagements as (

    -- if several have the same time, the one with the most points
    select
        daily_points.account_id,
        daily_points.last_occurred_at,
        daily_points.occurred_on,
        coalesce(daily_points.reset_on <= as_of.as_of_date, false) as is_reset,
        signals.signal,
        signals.label,
        row_number() over (
            partition by daily_points.account_id
            order by
                daily_points.last_occurred_at desc,
                signals.points desc,
                signals.signal,
                daily_points.person_id nulls last
        ) as engagement_rank

    from {{ ref('int_daily_points') }} as daily_points
    inner join as_of on {{ counts_on('daily_points', 'as_of.as_of_date') }}
    inner join signals on daily_points.signal = signals.signal

),

sales_touches as (

    select
        *,
        row_number() over (
            partition by account_id
            order by occurred_at desc, event_key
        ) as touch_rank

    from {{ ref('int_account_events') }}
    where channel = 'sales' and direction <> 'inbound'

),

final as (

    select
        accounts.account_id,
        coalesce(new_people.new_engaged_contacts, 0) as new_engaged_contacts,
        engagements.last_occurred_at as last_engagement_at,
        engagements.signal as last_engagement_signal,
        engagements.label as last_engagement_type,
        engagements.label || ' '
        || {{ day_and_month('engagements.occurred_on', 'as_of.as_of_date') }}
            as last_engagement_label,
        engagements.is_reset as is_last_engagement_reset,
        {{ days_between('engagements.occurred_on', 'as_of.as_of_date') }} as days_since_engagement,
        touches.occurred_at as last_sales_touch_at,
        touches.label || ' ' || {{ day_and_month('touches.occurred_on', 'as_of.as_of_date') }}
            as last_sales_touch_label,
        {{ days_between('touches.occurred_on', 'as_of.as_of_date') }} as days_since_sales_touch

    from {{ ref('int_accounts') }} as accounts
    cross join as_of
    left join new_people on accounts.account_id = new_people.account_id
    left join last_engagements as engagements
        on accounts.account_id = engagements.account_id and engagements.engagement_rank = 1
    left join sales_touches as touches
        on accounts.account_id = touches.account_id and touches.touch_rank = 1

)

select * from final
