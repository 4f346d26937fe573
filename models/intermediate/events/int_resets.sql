{#
  One row per day on which an account said "not interested" (person_id null: everything the account
  earned so far is gone) or a person unsubscribed (account_id null: everything that person earned so
  far is gone).
#}
with

final as (

    select distinct
        account_id,
        {{ null_text() }} as person_id,
        occurred_on as reset_on

    from {{ ref('int_event_identities') }}
    where channel = 'sales' and outcome = 'not_interested' and account_id is not null

    union all

    select distinct
        {{ null_text() }} as account_id,
        person_id,
        occurred_on as reset_on

    from {{ ref('int_event_identities') }}
    where channel = 'email' and event_type = 'unsubscribe' and person_id is not null

)

select * from final
