{#
  One row per account and day on which its score in the primary scoring model rose, before it won a
  deal. A threshold between the two scores was crossed upwards on that day.
#}
with

history as (

    -- days with score 0 can be left out: a rise ends above 0, and an account without a row the day
    -- before comes from 0
    select
        account_id,
        score_date,
        score

    from {{ ref('account_score_history') }}
    where scoring_model = {{ primary_model() }} and score > 0

),

as_of as (

    select as_of_date from {{ ref('int_as_of_date') }}

),

accounts as (

    select
        account_id,
        cast(created_at as date) as created_on,
        coalesce(won_on, {{ last_day() }}) as won_on

    from {{ ref('int_accounts') }}

),

final as (

    select
        history.account_id,
        history.score_date,
        coalesce(history_before.score, 0) as score_before,
        history.score

    from history
    cross join as_of
    inner join accounts
        on
            history.account_id = accounts.account_id
            and history.score_date >= accounts.created_on
            and history.score_date < accounts.won_on
    left join history as history_before
        on
            history.account_id = history_before.account_id
            and history.score_date = {{ add_days('history_before.score_date', '1') }}
    where
        history.score > coalesce(history_before.score, 0)
        -- the first day of the history has no earlier day to compare with
        and history.score_date > {{ first_history_day('as_of.as_of_date') }}

)

select * from final
