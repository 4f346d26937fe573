{#
  One row per month, scoring model, band at the end of the previous month and band at the end of
  this month. It counts the accounts that moved that way. New accounts come from "not in the CRM",
  accounts that won a deal go to "won".
#}
with

months as (

    select
        month_on,
        last_day_on,
        is_complete,
        lag(month_on) over (order by month_on) as month_before_on

    from {{ ref('int_months') }}

),

places as (

    -- "not in the CRM" is before the lowest band, "won" after the highest
    select
        band as place,
        sort_order as band_order

    from {{ ref('score_bands') }}

    union all

    select
        'not in the CRM' as place,
        min(sort_order) - 1 as band_order

    from {{ ref('score_bands') }}

    union all

    select
        'won' as place,
        max(sort_order) + 1 as band_order

    from {{ ref('score_bands') }}

),

month_end_accounts as (

    select * from {{ ref('int_month_end_accounts') }}

),

moved as (

    select
        months.month_on,
        months.last_day_on,
        months.is_complete,
        earlier.scoring_model,
        earlier.account_id,
        earlier.band as from_band,
        -- an account only leaves the prospects by winning a deal
        coalesce(later.band, 'won') as to_band

    from months
    inner join month_end_accounts as earlier on months.month_before_on = earlier.month_on
    left join month_end_accounts as later
        on
            months.month_on = later.month_on
            and earlier.scoring_model = later.scoring_model
            and earlier.account_id = later.account_id

),

joined as (

    select
        months.month_on,
        months.last_day_on,
        months.is_complete,
        later.scoring_model,
        later.account_id,
        'not in the CRM' as from_band,
        later.band as to_band

    from months
    inner join month_end_accounts as later on months.month_on = later.month_on
    left join month_end_accounts as earlier
        on
            months.month_before_on = earlier.month_on
            and later.scoring_model = earlier.scoring_model
            and later.account_id = earlier.account_id
    where months.month_before_on is not null and earlier.account_id is null

),

changes as (

    select * from moved
    union all
    select * from joined

),

counted as (

    select
        month_on,
        last_day_on,
        is_complete,
        scoring_model,
        from_band,
        to_band,
        count(*) as accounts

    from changes
    group by month_on, last_day_on, is_complete, scoring_model, from_band, to_band

),

with_totals as (

    select
        *,
        sum(accounts) over (partition by month_on, scoring_model, from_band) as from_accounts

    from counted

),

judged as (

    select
        *,
        {{ data_verdict('from_accounts') }} as verdict

    from with_totals

),

final as (

    select
        judged.month_on,
        judged.scoring_model,
        judged.from_band,
        from_places.band_order as from_band_order,
        judged.to_band,
        to_places.band_order as to_band_order,
        judged.last_day_on,
        judged.is_complete,
        cast(judged.from_accounts as integer) as from_accounts,
        cast(judged.accounts as integer) as accounts,
        {{ if_enough(double('judged.accounts') ~ ' / judged.from_accounts') }} as share,
        {{ if_enough(wilson_bound('-', 'judged.accounts', 'judged.from_accounts')) }} as share_low,
        {{ if_enough(wilson_bound('+', 'judged.accounts', 'judged.from_accounts')) }} as share_high,
        judged.verdict

    from judged
    inner join places as from_places on judged.from_band = from_places.place
    inner join places as to_places on judged.to_band = to_places.place

)

select * from final
