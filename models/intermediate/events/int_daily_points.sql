{#
  One row per account, person, signal, day and days of validity: how many events count. No weight and
  no date of the run is in it, so any day and any weights can be scored from it. A null person_id:
  nobody in particular.
#}
with

daily_points as (

    select
        account_id,
        person_id,
        signal,
        occurred_on,
        counts_from,
        counts_until,
        first_known_on,
        cast(count(*) as integer) as event_count,
        max(occurred_at) as last_occurred_at

    from {{ ref('int_signal_events') }}
    where not is_repeat
    group by
        account_id, person_id, signal, occurred_on, counts_from, counts_until, first_known_on

),

resets as (

    -- each takes away what happened after the previous one
    select
        account_id,
        person_id,
        reset_on,
        lag(reset_on, 1, {{ first_day() }}) over (
            partition by account_id, person_id
            order by reset_on
        ) as previous_reset_on

    from {{ ref('int_resets') }}

),

final as (

    select
        daily_points.*,
        -- the first of the two, whichever is there
        least(account_resets.reset_on, person_resets.reset_on) as reset_on

    from daily_points
    left join resets as account_resets
        on
            daily_points.account_id = account_resets.account_id
            and daily_points.occurred_on > account_resets.previous_reset_on
            and daily_points.occurred_on <= account_resets.reset_on
    left join resets as person_resets
        on
            daily_points.person_id = person_resets.person_id
            and daily_points.occurred_on > person_resets.previous_reset_on
            and daily_points.occurred_on <= person_resets.reset_on

)

select * from final
