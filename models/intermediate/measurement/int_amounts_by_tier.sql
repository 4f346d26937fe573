{#
  One row per forecast date and account tier: what an account that became an opportunity was worth,
  from landmarks whose windows were over by then. Tiers with too few of them take all tiers.
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

landmarks as (

    select * from {{ ref('int_landmarks') }}
    where is_complete

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

landmark_accounts as (

    select * from {{ ref('int_landmark_accounts') }}

),

tiers as (

    select distinct account_tier
    from accounts

),

forecast_dates as (

    select landmark_on as forecast_on from landmarks
    union
    select as_of_date as forecast_on from as_of

),

amounts as (

    -- an opportunity is the outcome of several landmarks, but it is one amount
    select distinct
        forecast_dates.forecast_on,
        accounts.account_tier,
        landmark_accounts.account_id,
        landmark_accounts.amount_usd

    from forecast_dates
    inner join landmarks on forecast_dates.forecast_on >= landmarks.horizon_ends_on
    inner join landmark_accounts on landmarks.landmark_on = landmark_accounts.landmark_on
    inner join accounts on landmark_accounts.account_id = accounts.account_id
    where landmark_accounts.amount_usd is not null

),

tier_sums as (

    select
        forecast_on,
        account_tier,
        count(*) as amounts,
        sum(amount_usd) as amount_sum,
        sum(cast(power({{ double('amount_usd') }}, 2) as decimal(38, 0))) as square_sum

    from amounts
    group by forecast_on, account_tier

),

all_sums as (

    select
        forecast_on,
        sum(amounts) as amounts,
        sum(amount_sum) as amount_sum,
        sum(square_sum) as square_sum

    from tier_sums
    group by forecast_on

),

chosen as (

    select
        forecast_dates.forecast_on,
        tiers.account_tier,
        case
            when tier_sums.amounts >= {{ var('measurement_min_conversions') }}
                then tier_sums.amounts
            else all_sums.amounts
        end as amounts,
        {{ double(
            'case when tier_sums.amounts >= ' ~ var('measurement_min_conversions')
            ~ ' then tier_sums.amount_sum else all_sums.amount_sum end'
        ) }} as amount_sum,
        {{ double(
            'case when tier_sums.amounts >= ' ~ var('measurement_min_conversions')
            ~ ' then tier_sums.square_sum else all_sums.square_sum end'
        ) }} as square_sum

    from forecast_dates
    cross join tiers
    inner join all_sums on forecast_dates.forecast_on = all_sums.forecast_on
    left join tier_sums
        on
            forecast_dates.forecast_on = tier_sums.forecast_on
            and coalesce(tiers.account_tier, 0) = coalesce(tier_sums.account_tier, 0)

),

final as (

    select
        forecast_on,
        account_tier,
        cast(amounts as integer) as amounts,
        amount_sum / amounts as mean_usd,
        greatest(square_sum / amounts - power(amount_sum / amounts, 2), 0)
        * amounts / nullif(amounts - 1, 0) as amount_variance

    from chosen
    where amounts >= {{ var('measurement_min_conversions') }}

)

select * from final
