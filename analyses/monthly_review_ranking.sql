-- Does the score say anything, and how much?
select
    scoring_model,
    outcome,
    n,
    converted,
    cast(auc as decimal(5, 3)) as auc,
    cast(auc_low as decimal(5, 3)) as low,
    cast(auc_high as decimal(5, 3)) as high,
    cast(100 * top_10_percent_conversion_share as decimal(5, 1)) as top_10_percent_hold,
    cast(100 * top_20_percent_conversion_share as decimal(5, 1)) as top_20_percent_hold,
    verdict

from {{ ref('ranking_quality') }}
order by outcome, is_primary desc, scoring_model
