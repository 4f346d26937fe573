-- Where published scores differ from today's calculation for the same day, and why: one row per
-- account, day and publication. It is empty if no rule has changed and no data came late.
select
    published.account_id,
    coalesce(accounts.account_name, handoffs.account_name) as account_name,
    published.as_of_date,
    published.publication_number,
    published.score as published_score,
    history.score as restated_score,
    history.score - published.score as difference,
    published.band as published_band,
    history.band as restated_band,
    case
        when published.config_version <> config.config_version
            then
                'the rules have changed since (' || published.config_version || ' to '
                || config.config_version || ')'
        else 'more was loaded, corrected or merged since'
    end as reason

from {{ ref('published_scores') }} as published
cross join {{ ref('int_config_version') }} as config
inner join {{ ref('account_score_history') }} as history
    on
        published.account_id = history.account_id
        and published.scoring_model = history.scoring_model
        and published.as_of_date = history.score_date
left join {{ ref('account_scores') }} as accounts on published.account_id = accounts.account_id
-- an account that has since won a deal
left join {{ ref('account_handoffs') }} as handoffs
    on published.account_id = handoffs.account_id
where history.score <> published.score or history.band <> published.band
order by abs(history.score - published.score) desc, published.account_id, published.as_of_date
