-- Which campaigns are followed by warmer accounts?
select
    campaign,
    count(*) as accounts_engaged,
    sum(engagements) as engagements,
    cast(sum(points) as decimal(9, 0)) as points,
    cast(avg(score_change) as decimal(9, 1)) as mean_score_change,
    sum(case when has_moved_up then 1 else 0 end) as moved_up_a_band

from {{ ref('campaign_engagement') }}
group by campaign
order by points desc, campaign
