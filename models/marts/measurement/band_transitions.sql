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

earlier as (

    -- the accounts of each month, in the month after it
    select
        months.month_on,
        accounts.scoring_model,
        accounts.account_id,
        accounts.band

    from months
    inner join {{ ref('int_month_end_accounts') }} as accounts
        on months.month_before_on = accounts.month_on

),

later as (

    select
        months.month_on,
        accounts.scoring_model,
        accounts.account_id,
        accounts.band

    from months
    inner join {{ ref('int_month_end_accounts') }} as accounts
        on months.month_on = accounts.month_on
    where months.month_before_on is not null

),

counted as (

    -- an account only leaves the prospects by winning a deal
    select
        coalesce(later.month_on, earlier.month_on) as month_on,
        coalesce(later.scoring_model, earlier.scoring_model) as scoring_model,
        coalesce(earlier.band, 'not in the CRM') as from_band,
        coalesce(later.band, 'won') as to_band,
        count(*) as accounts

    from earlier
    full join later
        on
            earlier.month_on = later.month_on
            and earlier.scoring_model = later.scoring_model
            and earlier.account_id = later.account_id
    group by
        coalesce(later.month_on, earlier.month_on),
        coalesce(later.scoring_model, earlier.scoring_model),
        coalesce(earlier.band, 'not in the CRM'),
        coalesce(later.band, 'won')

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
        months.last_day_on,
        months.is_complete,
        cast(judged.from_accounts as integer) as from_accounts,
        cast(judged.accounts as integer) as accounts,
        {{ if_enough(double('judged.accounts') ~ ' / judged.from_accounts') }} as share,
        {{ if_enough(wilson_bound('-', 'judged.accounts', 'judged.from_accounts')) }} as share_low,
        {{ if_enough(wilson_bound('+', 'judged.accounts', 'judged.from_accounts')) }} as share_high,
        judged.verdict

    from judged
    inner join months on judged.month_on = months.month_on
    inner join places as from_places on judged.from_band = from_places.place
    inner join places as to_places on judged.to_band = to_places.place

)

select * from final
