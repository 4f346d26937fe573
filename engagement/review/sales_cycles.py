"""How long opportunities take to be won, including open ones (Kaplan and Meier, with statsmodels).

An open opportunity counts as not yet won until the as-of date, a lost one until it was lost. The
interval of the median is Brookmeyer and Crowley's with a log-log curve.
"""

from dataclasses import dataclass

import numpy as np
from statsmodels.duration.survfunc import SurvfuncRight

from engagement.review.data import arrays
from engagement.review.ranking import Estimate


@dataclass(frozen=True)
class SalesCycle:
    """The opportunities that were created in a band."""

    band: str
    opportunities: int
    accounts: int
    won: int
    median_days: Estimate


def read_opportunities(connection):
    """Arrays `account_id`, `band`, `days` observed and `is_won` of opportunities created within the history."""
    return arrays(connection, """
        select
            opportunities.account_id, history.band,
            opportunities.closed_on <= as_of.as_of_date and opportunities.outcome = 'won' as is_won,
            greatest(least(coalesce(opportunities.closed_on, as_of.as_of_date), as_of.as_of_date) - opportunities.created_on, 0) as days
        from intermediate.int_opportunities as opportunities
        cross join intermediate.int_as_of_date as as_of
        inner join rules.scoring_models as models on models.is_primary
        inner join main.account_score_history as history
            on history.scoring_model = models.scoring_model and history.account_id = opportunities.account_id
            and history.score_date = opportunities.created_on
        order by opportunities.opportunity_id
    """)


def sales_cycles(opportunities, bands, min_accounts=20):
    """[SalesCycle of each band]"""
    return [sales_cycle(band, opportunities, opportunities["band"] == band, min_accounts) for band in bands]


def sales_cycle(band, opportunities, rows, min_accounts):
    days, is_won = opportunities["days"][rows].astype(float), opportunities["is_won"][rows].astype(bool)
    accounts = len(np.unique(opportunities["account_id"][rows].astype(str)))
    median = Estimate(None)
    if accounts >= min_accounts and is_won.any():
        curve = SurvfuncRight(days, is_won.astype(int))
        with np.errstate(all="ignore"):  # log-log is undefined if the curve is 0 or 1
            low, high = curve.quantile_ci(0.5, method="cloglog")
        median = Estimate(*(finite(value) for value in (curve.quantile(0.5), low, high)))
    return SalesCycle(band, int(rows.sum()), accounts, int(is_won.sum()), median)


def finite(value):
    """A number, or None if the curve doesn't reach it."""
    return float(value) if np.isfinite(value) else None
