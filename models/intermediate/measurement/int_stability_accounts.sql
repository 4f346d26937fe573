{#
  One row per prospect account whose band is tried under other numbers: those with the highest scores.
#}
with

ranked_accounts as (

    select
        account_id,
        account_name,
        scoring_model,
        score,
        band,
        config_version,
        as_of_date,
        row_number() over (order by score_raw desc, account_id) as score_rank

    from {{ ref('account_scores') }}

),

final as (

    select * from ranked_accounts
    where score_rank <= {{ var('stability_max_accounts') }}

)

select * from final
