{#
  One row per day on which an account said "not interested" (person_id null: everything the account
  earned so far is gone) or a person unsubscribed (account_id null: everything that person earned so
  far is gone).
#}
with

events as (

    select * from {{ ref('int_engagement_events') }}

),

not_interested as (

    select distinct
        account_id,
        {{ null_text() }} as person_id,
        cast(occurred_at as date) as reset_on

    from events
    where channel = 'sales' and outcome = 'not_interested' and account_id is not null

),

unsubscribed as (

    select distinct
        {{ null_text() }} as account_id,
        person_id,
        cast(occurred_at as date) as reset_on

    from events
    where channel = 'email' and event_type = 'unsubscribe' and person_id is not null

),

final as (

    select * from not_interested
    union all
    select * from unsubscribed

)

select * from final
