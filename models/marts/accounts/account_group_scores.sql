{#
  One row per top parent with at least one prospect account below it or as itself: the group's
  engagement together.
#}
with

account_scores as (

    select * from {{ ref('account_scores') }}

),

accounts as (

    select * from {{ ref('int_accounts') }}

),

ranked_members as (

    select
        accounts.top_parent_account_id,
        account_scores.*,
        row_number() over (
            partition by accounts.top_parent_account_id
            order by account_scores.score_raw desc, account_scores.account_id
        ) as member_rank

    from account_scores
    inner join accounts on account_scores.account_id = accounts.account_id

),

final as (

    select
        ranked_members.top_parent_account_id,
        max(accounts.account_name) as top_parent_account_name,
        cast(count(*) as integer) as account_count,
        cast(sum(case when ranked_members.engagement_state = 'active' then 1 else 0 end) as integer)
            as active_account_count,
        max(case when ranked_members.member_rank = 1 then ranked_members.account_id end)
            as hottest_account_id,
        max(case when ranked_members.member_rank = 1 then ranked_members.account_name end)
            as hottest_account_name,
        max(case when ranked_members.member_rank = 1 then ranked_members.band end)
            as hottest_band,
        max(case when ranked_members.member_rank = 1 then ranked_members.band_order end)
            as hottest_band_order,
        max(ranked_members.score) as max_score,
        {{ exact_points('sum(ranked_members.score_raw)') }} as total_score_raw,
        cast(sum(ranked_members.engaged_contacts) as integer) as engaged_contacts,
        max(ranked_members.last_engagement_at) as last_engagement_at,
        max(ranked_members.as_of_date) as as_of_date

    from ranked_members
    inner join accounts on ranked_members.top_parent_account_id = accounts.account_id
    group by ranked_members.top_parent_account_id

)

select * from final
