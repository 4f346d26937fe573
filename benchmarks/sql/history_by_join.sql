-- The simple way to compute a history: each row that earned points is joined to each day on which it
-- counts, and summed by day. `scored_rows` is a view over the project's matched events or its daily
-- points. It leaves out caps, combinations, breadth, silence, rounding and bands, which makes it
-- faster. It covers the accounts whose hash is in the first `account_share` of a thousand.
create temp table joined_rows as
with

days as (

    select (as_of_date - number) as day
    from intermediate.int_as_of_date
    cross join intermediate.int_numbers
    where number < getvariable('history_days')

),

stretches as (

    select
        model_signals.scoring_model,
        scored_rows.account_id,
        scored_rows.counts_from,
        least(
            coalesce(scored_rows.counts_until, date '9999-12-31'),
            coalesce(scored_rows.reset_on, date '9999-12-31'),
            coalesce(scored_rows.occurred_on + model_signals.lookback_days, date '9999-12-31')
        ) as counts_until,
        scored_rows.occurred_on + model_signals.full_value_days as decays_from,
        model_signals.half_life_days::double as half_life_days,
        scored_rows.event_count
        * model_signals.points
        * coalesce(contacts.persona_weight, 1)::double as points

    from scored_rows
    inner join intermediate.int_scoring_model_signals as model_signals using (signal)
    left join intermediate.int_contacts as contacts on scored_rows.person_id = contacts.contact_id
    where hash(scored_rows.account_id) % 1000 < getvariable('account_share')

)

select
    stretches.scoring_model,
    stretches.account_id,
    days.day,
    count(*) as row_count,
    sum(
        stretches.points
        * coalesce(
            power(
                0.5::double,
                greatest(days.day - stretches.decays_from, 0) / stretches.half_life_days
            ),
            1
        )
    ) as points

from stretches
inner join days on stretches.counts_from <= days.day and stretches.counts_until > days.day
group by all;
