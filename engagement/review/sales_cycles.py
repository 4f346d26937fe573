"""How long opportunities take to be closed, including open ones (Kaplan and Meier, with statsmodels).

Won and lost opportunities are closed, and an open one isn't closed yet on the as-of date. The median
isn't that of won ones: a lost opportunity is never won, so it can't count as "not won yet". The
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
    closed: int
    median_days: Estimate


def read_opportunities(connection):
    """Arrays `account_id`, `band`, `days` observed and `is_closed` of opportunities."""
    return arrays(connection, """
        select account_id, band, outcome <> 'open' as is_closed, cycle_days as days
        from intermediate.int_sales_cycles order by opportunity_id
    """)


def sales_cycles(opportunities, bands, min_accounts=20):
    """[SalesCycle of each band]"""
    return [sales_cycle(band, opportunities, opportunities["band"] == band, min_accounts) for band in bands]


def sales_cycle(band, opportunities, rows, min_accounts):
    days, is_closed = opportunities["days"][rows].astype(float), opportunities["is_closed"][rows].astype(bool)
    accounts = len(np.unique(opportunities["account_id"][rows].astype(str)))
    median = Estimate(None)
    if accounts >= min_accounts and is_closed.any():
        curve = SurvfuncRight(days, is_closed.astype(int))
        with np.errstate(all="ignore"):  # log-log is undefined if the curve is 0 or 1
            low, high = curve.quantile_ci(0.5, method="cloglog")
        median = Estimate(*(finite(value) for value in (curve.quantile(0.5), low, high)))
    return SalesCycle(band, int(rows.sum()), accounts, int(is_closed.sum()), median)


def finite(value):
    """A number, or None if the curve doesn't reach it."""
    return float(value) if np.isfinite(value) else None
