{#
  One row per account, person, signal, day and stretch of validity: how many events count. No weight
  and no date of the run is in it, so a changed weight never touches events and any day can be
  scored from it. A null person_id: nobody in particular.
#}
with

signal_events as (

    select * from {{ ref('int_signal_events') }}
    where not is_repeat

),

resets as (

    select * from {{ ref('int_resets') }}

),

daily_points as (

    select
        account_id,
        person_id,
        signal,
        occurred_on,
        counts_from,
        counts_until,
        cast(count(*) as integer) as event_count,
        max(occurred_at) as last_occurred_at

    from signal_events
    group by account_id, person_id, signal, occurred_on, counts_from, counts_until

),

account_days as (

    select distinct
        account_id,
        occurred_on

    from daily_points

),

account_resets as (

    select
        account_days.account_id,
        account_days.occurred_on,
        min(resets.reset_on) as reset_on

    from account_days
    inner join resets
        on
            account_days.account_id = resets.account_id
            and account_days.occurred_on <= resets.reset_on
    group by account_days.account_id, account_days.occurred_on

),

person_days as (

    select distinct
        person_id,
        occurred_on

    from daily_points

),

person_resets as (

    select
        person_days.person_id,
        person_days.occurred_on,
        min(resets.reset_on) as reset_on

    from person_days
    inner join resets
        on person_days.person_id = resets.person_id and person_days.occurred_on <= resets.reset_on
    group by person_days.person_id, person_days.occurred_on

),

final as (

    select
        daily_points.*,
        daily_points.counts_from as first_known_on,
        -- the day from which these events count zero; null: never
        case
            when account_resets.reset_on <= person_resets.reset_on then account_resets.reset_on
            else coalesce(person_resets.reset_on, account_resets.reset_on)
        end as reset_on

    from daily_points
    left join account_resets
        on
            daily_points.account_id = account_resets.account_id
            and daily_points.occurred_on = account_resets.occurred_on
    left join person_resets
        on
            daily_points.person_id = person_resets.person_id
            and daily_points.occurred_on = person_resets.occurred_on

)

select * from final
