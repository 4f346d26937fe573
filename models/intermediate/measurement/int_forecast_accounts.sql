{#
  One row per forecast date, account eligible on it and scoring model: what a forecast of that date
  is about, and what came of it (null: not known yet).
#}
with

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

exclusions as (

    select * from {{ ref('int_landmark_exclusions') }}

),

present_scores as (

    select history.*
    from {{ ref('account_score_history') }} as history
    inner join {{ ref('int_as_of_date') }} as as_of on history.score_date = as_of.as_of_date

),

landmark_accounts as (

    select * from {{ ref('int_landmark_accounts') }}

),

present_accounts as (

    select
        as_of.as_of_date as forecast_on,
        present_scores.scoring_model,
        present_scores.account_id,
        present_scores.band,
        cast(null as integer) as opportunity_created,
        cast(null as decimal(38, 2)) as amount_usd

    from present_scores
    cross join as_of
    inner join exclusions
        on
            present_scores.account_id = exclusions.account_id
            and as_of.as_of_date >= exclusions.created_on
            and as_of.as_of_date < exclusions.first_opportunity_on
            and as_of.as_of_date < exclusions.sales_process_from

),

past_accounts as (

    select
        landmark_on as forecast_on,
        scoring_model,
        account_id,
        band,
        opportunity_created,
        coalesce(amount_usd, 0) as amount_usd

    from landmark_accounts

),

forecast_accounts as (

    select * from present_accounts
    union all
    select * from past_accounts

),

final as (

    select
        forecast_accounts.*,
        accounts.account_tier

    from forecast_accounts
    inner join accounts on forecast_accounts.account_id = accounts.account_id

)

select * from final
