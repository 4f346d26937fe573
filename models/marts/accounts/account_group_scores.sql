{#
  One row per corporate group with at least one prospect account, named by its top parent: the
  engagement of the whole group.
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
        *,
        row_number() over (
            partition by top_parent_account_id
            order by {{ ranked_points('score_raw') }} desc, account_id
        ) as member_rank

    from account_scores

),

engaged_people as (

    -- a person engaged at two accounts of a group counts once
    select
        ranked_members.top_parent_account_id,
        cast(count(distinct earned.person_id) as integer) as engaged_contacts

    from ranked_members
    inner join {{ ref('int_earned_points') }} as earned
        on
            ranked_members.account_id = earned.account_id
            and ranked_members.scoring_model = earned.scoring_model
            and earned.entry_type = 'breadth'
            and {{ earned_on('ranked_members.as_of_date') }}
    group by ranked_members.top_parent_account_id

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
        coalesce(max(engaged_people.engaged_contacts), 0) as engaged_contacts,
        max(ranked_members.last_engagement_at) as last_engagement_at,
        max(ranked_members.as_of_date) as as_of_date

    from ranked_members
    inner join accounts on ranked_members.top_parent_account_id = accounts.account_id
    left join engaged_people
        on ranked_members.top_parent_account_id = engaged_people.top_parent_account_id
    group by ranked_members.top_parent_account_id

)

select * from final
