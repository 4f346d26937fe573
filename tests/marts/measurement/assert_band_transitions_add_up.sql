-- Transitions from a band add up to its accounts of the previous month, transitions to a band to
-- its accounts of this month. Accounts leave only by winning a deal.
with

transitions as (

    select * from {{ ref('band_transitions') }}

),

distribution as (

    select * from {{ ref('band_distribution') }}

),

arrivals as (

    select
        month_on,
        scoring_model,
        to_band as band,
        sum(accounts) as accounts

    from transitions
    group by month_on, scoring_model, to_band

),

departures as (

    select
        month_on,
        scoring_model,
        from_band as band,
        sum(accounts) as accounts,
        min(from_accounts) as from_accounts

    from transitions
    group by month_on, scoring_model, from_band

),

expected as (

    select
        distribution.*,
        lag(distribution.accounts) over (
            partition by distribution.scoring_model, distribution.band
            order by distribution.month_on
        ) as accounts_before

    from distribution

),

final as (

    select
        expected.*,
        arrivals.accounts as arrived,
        departures.accounts as departed

    from expected
    left join arrivals
        on
            expected.month_on = arrivals.month_on
            and expected.scoring_model = arrivals.scoring_model
            and expected.band = arrivals.band
    left join departures
        on
            expected.month_on = departures.month_on
            and expected.scoring_model = departures.scoring_model
            and expected.band = departures.band
    where
        expected.accounts_before is not null
        and (
            expected.accounts <> coalesce(arrivals.accounts, 0)
            or expected.accounts_before <> coalesce(departures.accounts, 0)
            or departures.accounts <> departures.from_accounts
        )

)

select * from final
