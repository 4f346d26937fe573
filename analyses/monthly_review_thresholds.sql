-- Is a threshold worth its alerts?
select
    threshold,
    notify_roles,
    fills_capacity,
    cast(alerts_per_week as decimal(9, 1)) as alerts_per_week,
    accounts_today,
    cast(100 * precision_rate as decimal(5, 1)) as precision_percent,
    cast(100 * precision_low as decimal(5, 1)) as low,
    cast(100 * precision_high as decimal(5, 1)) as high,
    cast(100 * recall as decimal(5, 1)) as recall_percent,
    cast(f1 as decimal(5, 3)) as f1

from {{ ref('threshold_performance') }}
where
    outcome = 'opportunity_created'
    and scoring_model = {{ primary_model() }}
    and (notify_roles is not null or fills_capacity)
order by threshold
