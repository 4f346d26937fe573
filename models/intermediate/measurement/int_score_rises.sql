{#
  One row per scoring model, account and day of the history on which its score rose, while it was a
  prospect. A threshold is crossed upwards on the day on which the score was below it the day before.
#}
with

accounts as (

    select * from {{ ref('stg_crm__accounts') }}

),

opportunities as (

    select * from {{ ref('int_opportunities') }}

),

history as (

    select * from {{ ref('account_score_history') }}

),

first_wins as (

    select
        account_id,
        min(closed_on) as won_on

    from opportunities
    where outcome = 'won'
    group by account_id

),

prospects as (

    select
        accounts.account_id,
        cast(accounts.created_at as date) as created_on,
        coalesce(first_wins.won_on, {{ last_day() }}) as won_on

    from accounts
    left join first_wins on accounts.account_id = first_wins.account_id

),

daily_scores as (

    select
        scoring_model,
        account_id,
        score_date,
        score,
        lag(score) over (
            partition by scoring_model, account_id order by score_date
        ) as score_before

    from history

),

final as (

    select
        daily_scores.scoring_model,
        daily_scores.account_id,
        daily_scores.score_date,
        daily_scores.score_before,
        daily_scores.score

    from daily_scores
    inner join prospects
        on
            daily_scores.account_id = prospects.account_id
            and daily_scores.score_date >= prospects.created_on
            and daily_scores.score_date < prospects.won_on
    where daily_scores.score > daily_scores.score_before

)

select * from final
