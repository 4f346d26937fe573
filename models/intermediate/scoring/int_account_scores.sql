{#
  One row per account and scoring model: the sum of the account's ledger rows and its rounded score.
  Accounts without any ledger row have 0. Bands are in `account_score_history`.
#}
with

accounts as (

    select account_id from {{ ref('stg_crm__accounts') }}

),

scoring_models as (

    select * from {{ ref('scoring_models') }}

),

ledger_sums as (

    select
        scoring_model,
        account_id,
        sum(points) as score_raw

    from {{ ref('score_ledger') }}
    group by scoring_model, account_id

),

engaged_people as (

    select
        scoring_model,
        account_id,
        cast(count(*) as integer) as engaged_contacts

    from {{ ref('int_score_items') }}
    where entry_type = 'breadth'
    group by scoring_model, account_id

),

final as (

    select
        scoring_models.scoring_model,
        accounts.account_id,
        {{ exact_points('coalesce(ledger_sums.score_raw, 0)') }} as score_raw,
        {{ round_score('coalesce(ledger_sums.score_raw, 0)') }} as score,
        coalesce(engaged_people.engaged_contacts, 0) as engaged_contacts

    from accounts
    cross join scoring_models
    left join ledger_sums
        on
            accounts.account_id = ledger_sums.account_id
            and scoring_models.scoring_model = ledger_sums.scoring_model
    left join engaged_people
        on
            accounts.account_id = engaged_people.account_id
            and scoring_models.scoring_model = engaged_people.scoring_model

)

select * from final
