{#
  One row per account, scoring model and signal, combination or breadth, with its share of the score
  and its rank.
#}
with

ledger as (

    select
        *,
        -- caps, silence and resets are subtracted from the signal they concern
        case
            when signal is not null then 'signal'
            when combination is not null then 'combination'
            when entry_type in ('breadth', 'cap', 'reset', 'silence') then 'breadth'
            when entry_type = 'floor' then 'floor'
        end as contribution_type

    from {{ ref('score_ledger') }}

),

contributions as (

    select
        scoring_model,
        account_id,
        contribution_type,
        coalesce(signal, combination, contribution_type) as contribution,
        label,
        cast(count(distinct person_id) as integer) as people,
        cast(
            coalesce(sum(case when entry_type in ('event', 'combination') then event_count end), 0)
            as integer
        ) as event_count,
        {{ exact_points('sum(points)') }} as points

    from ledger
    group by
        scoring_model,
        account_id,
        contribution_type,
        coalesce(signal, combination, contribution_type),
        label

),

final as (

    select
        scoring_model,
        account_id,
        contribution,
        contribution_type,
        label,
        cast(
            row_number() over (
                partition by scoring_model, account_id
                order by {{ ranked_points('points') }} desc, contribution_type, contribution
            ) as integer
        ) as contribution_rank,
        people,
        event_count,
        points,
        {{ rounded_points('points') }} as points_rounded,
        -- null: the score is 0
        cast(
            {{ double('points') }}
            / nullif({{ double('sum(points) over (partition by scoring_model, account_id)') }}, 0)
            as decimal(18, 6)
        ) as share

    from contributions

)

select * from final
