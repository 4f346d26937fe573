{#
  One row per scoring model, account and day of the history on which its score rose, while it was a
  prospect. A threshold is crossed upwards on the day on which the score was below it the day before.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

won_accounts as (

    select * from {{ ref('int_won_accounts') }}

),

scoring_models as (

    select scoring_model from {{ ref('scoring_models') }}

),

history as (

    select * from {{ ref('account_score_history') }}

),

prospects as (

    -- with one number to sort many days by, instead of two texts
    select
        scoring_models.scoring_model,
        accounts.account_id,
        cast(accounts.created_at as date) as created_on,
        coalesce(won_accounts.won_on, {{ last_day() }}) as won_on,
        row_number() over (
            order by scoring_models.scoring_model, accounts.account_id
        ) as prospect_number

    from accounts
    cross join scoring_models
    left join won_accounts on accounts.account_id = won_accounts.account_id

),

daily_scores as (

    -- a rise on the first day is one from the day before it
    select
        prospects.prospect_number,
        history.score_date,
        history.score,
        lag(history.score) over (
            partition by prospects.prospect_number order by history.score_date
        ) as score_before

    from history
    inner join prospects
        on
            history.scoring_model = prospects.scoring_model
            and history.account_id = prospects.account_id
            and history.score_date >= {{ add_days('prospects.created_on', '-1') }}
            and history.score_date < prospects.won_on

),

final as (

    select
        prospects.scoring_model,
        prospects.account_id,
        daily_scores.score_date,
        daily_scores.score_before,
        daily_scores.score

    from daily_scores
    inner join prospects
        on
            daily_scores.prospect_number = prospects.prospect_number
            and daily_scores.score_date >= prospects.created_on
    where daily_scores.score > daily_scores.score_before

)

select * from final
