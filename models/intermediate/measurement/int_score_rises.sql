{#
  One row per account and day on which its score in the primary scoring model rose, before it won a
  deal. A threshold between the two scores was crossed upwards on that day.
#}
with

history as (

    -- the first day has no earlier day to compare with
    select
        account_id,
        score_date,
        score,
        lag(score) over (partition by account_id order by score_date) as score_before

    from {{ ref('account_score_history') }}
    where scoring_model = {{ primary_model() }}

),

final as (

    select
        history.account_id,
        history.score_date,
        history.score_before,
        history.score

    from history
    inner join {{ ref('int_accounts') }} as accounts
        on
            history.account_id = accounts.account_id
            and history.score_date >= cast(accounts.created_at as date)
            and history.score_date < coalesce(accounts.won_on, {{ last_day() }})
    where history.score > history.score_before

)

select * from final
