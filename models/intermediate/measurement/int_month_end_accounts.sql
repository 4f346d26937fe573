{#
  One row per month, scoring model and account that was a prospect on the last day of the month,
  with its band then.
#}
with

months as (

    select * from {{ ref('int_months') }}

),

accounts as (

    select * from {{ ref('int_accounts') }}

),

history as (

    select * from {{ ref('account_score_history') }}

),

final as (

    select
        months.month_on,
        history.scoring_model,
        history.account_id,
        history.band

    from history
    inner join months on history.score_date = months.last_day_on
    inner join accounts
        on
            history.account_id = accounts.account_id
            and history.score_date >= cast(accounts.created_at as date)
            and history.score_date < accounts.prospect_until

)

select * from final
