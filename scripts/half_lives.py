"""Which half-life of a signal makes the outcomes after it likeliest.

Each row is an account on a landmark; `age` (rows,) is the age in days of its latest engagement of the signal, infinite
without one. The log-odds of converting are taken to be

    intercept + others + effect x k(age)

with the project's own curve k: 1 for `full_value_days`, then half of it every half-life. Half-lives of a grid are tried one
by one (a profile likelihood). The interval holds those whose likelihood is not clearly lower than the highest (Wilks 1938),
the difference divided by how much more alike rows of an account are than chance would have it (Chandler and Bate 2007).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from logistic import WIDE, clustered_covariance, fit_at, fit_logistic

# From a day to a year, each about a seventh longer than the one before.
GRID = np.geomspace(1, 365, 45)
LARGEST_DROP = chi2.ppf(0.95, df=1)


@dataclass
class HalfLife:
    """Days; None where there is no estimate, or no bound within the half-lives that were tried."""

    days: float | None
    low: float | None
    high: float | None
    finding: str


def decay(age, half_life, full_value_days):
    """What is left of one point at each age; 0 without an engagement."""
    return 0.5 ** (np.maximum(age - full_value_days, 0) / half_life)


def estimate_half_life(age, others, converted, accounts, full_value_days):
    """A HalfLife; `others` (rows,) is the sum of the points of all other signals shown."""
    def design(half_life):
        return np.column_stack([others, decay(age, half_life, full_value_days)])

    prior = np.full(2, WIDE)
    without = fit_logistic(others[:, None], converted, prior[:1]).log_likelihood
    fits = [fit_logistic(design(half_life), converted, prior) for half_life in GRID]
    # an engagement that makes converting less likely has no half-life: its best effect is none
    likelihoods = np.array([fit.log_likelihood if fit.coefficients[2] > 0 else without for fit in fits])
    best = int(likelihoods.argmax())
    alikeness = design_effect(fits[best], GRID[best], age, converted, accounts, full_value_days)
    drops = 2 * (likelihoods[best] - likelihoods) / alikeness
    if 2 * (likelihoods[best] - without) / alikeness <= LARGEST_DROP:
        return HalfLife(None, None, None, "no estimate: the signal alone predicts too little")
    inside = np.flatnonzero(drops <= LARGEST_DROP)
    # bounds are the nearest half-lives that were tried and are outside
    low = GRID[inside[0] - 1] if inside[0] > 0 else None
    high = GRID[inside[-1] + 1] if inside[-1] < len(GRID) - 1 else None
    if low is None and high is None:
        return HalfLife(None, None, None, "no estimate: any half-life would do")
    return HalfLife(float(GRID[best]), low and float(low), high and float(high), "estimated")


def design_effect(fit, half_life, age, converted, accounts, full_value_days):
    """Variance of the half-life's logarithm with rows of an account alike, over that of independent rows; at least 1."""
    left = fit.design[:, 2]
    days = np.where(np.isfinite(age), np.maximum(age - full_value_days, 0), 0)
    # slope of effect x k(age) against the logarithm of the half-life
    slope = fit.coefficients[2] * left * np.log(2) * days / half_life
    if not slope.any():
        return 1.0
    with_slope = fit_at(
        np.append(fit.coefficients, 0.0), np.column_stack([fit.design[:, 1:], slope]), converted, np.full(3, WIDE)
    )
    alike = clustered_covariance(with_slope, accounts)[-1, -1]
    independent = np.linalg.inv(with_slope.information)[-1, -1]
    return max(1.0, float(alike / independent))
