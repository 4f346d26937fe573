"""Finds the half-life of a signal that makes the later outcomes most likely.

The log-odds of converting are modelled as a sum of three parts: an intercept per landmark, the points
of all other signals shown, and an effect times the decayed sum of the signal. The decayed sum is the
one in the score: every event known by then, of any age, is worth 1 for `full_value_days`, and halves
every half-life after that. Each half-life of a grid is tried (a profile likelihood). The interval
holds those that aren't clearly less likely (Wilks 1938). Rows of an account are more alike than
chance, so the difference is divided by that factor (Chandler and Bate 2007). Many signals are tested,
so an estimate has to be clear among all of them (Benjamini and Hochberg 1995).
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2, false_discovery_control

from engagement.review.logistic import WIDE, fit_logistic

# From two days to two years; each is about a fifth longer than the previous one.
GRID = np.geomspace(2, 730, 33)
LARGEST_DROP = chi2.ppf(0.95, df=1)


@dataclass(frozen=True)
class Events:
    """The events of one signal, of any age, that were known for each row."""

    rows: np.ndarray  # (cells,) places in the backtest's rows
    age_days: np.ndarray  # (cells,)
    counts: np.ndarray  # (cells,)


@dataclass(frozen=True)
class HalfLife:
    """Days. None means no estimate, or no bound among the half-lives that were tried."""

    days: float | None
    low: float | None
    high: float | None
    finding: str
    p_value: float = 1.0  # chance of such an effect if the signal says nothing


def decayed_sum(events, row_count, half_life_days, full_value_days, most=np.inf):
    """(rows,): the decayed sum of the events of each row, at most `most`."""
    left = 0.5 ** (np.maximum(events.age_days - full_value_days, 0) / half_life_days)
    return np.minimum(np.bincount(events.rows, events.counts * left, row_count), most)


def estimate_half_life(events, others, converted, landmarks, accounts, full_value_days, most=np.inf):
    """A HalfLife. `others` (rows,) are the points of all other signals shown, `most` is the cap in events."""
    def design(half_life):
        left = decayed_sum(events, len(converted), half_life, full_value_days, most)
        return np.column_stack([scaled(others), scaled(left)])

    def fit_with(columns):
        return fit_logistic(columns, converted, landmarks, accounts, WIDE)

    without = fit_with(scaled(others)[:, None]).log_likelihood
    fits = [fit_with(design(half_life)) for half_life in GRID]
    # events that make converting less likely have no half-life: their best effect is zero
    likelihoods = np.array([fit.log_likelihood if fit.coefficients[1] > 0 else without for fit in fits])
    best = int(likelihoods.argmax())
    alikeness = design_effect(design, GRID[best], fits[best], fit_with)
    drops = 2 * (likelihoods[best] - likelihoods) / alikeness
    rise = 2 * (likelihoods[best] - without) / alikeness
    if rise <= LARGEST_DROP:
        return HalfLife(None, None, None, "no estimate: the signal says too little about the outcome")
    inside = np.flatnonzero(drops <= LARGEST_DROP)
    # the bounds are the nearest tried half-lives outside the interval
    low = float(GRID[inside[0] - 1]) if inside[0] > 0 else None
    high = float(GRID[inside[-1] + 1]) if inside[-1] < len(GRID) - 1 else None
    if low is None and high is None:
        return HalfLife(None, None, None, "no estimate: every half-life fits equally well")
    return HalfLife(float(GRID[best]), low, high, "estimated", float(chi2.sf(rise, df=1)))


def without_chance(estimates, false_discovery_rate):
    """The estimates of all signals; of those that stay, at most this share is expected to be of signals that say nothing."""
    if not estimates:
        return []
    is_clear = false_discovery_control([found.p_value for found in estimates]) <= false_discovery_rate
    return [
        found if clear or found.days is None else replace(found, days=None, low=None, high=None, finding="no estimate: may be chance")
        for found, clear in zip(estimates, is_clear)
    ]


def design_effect(design, half_life, fit, fit_with):
    """Variance of the half-life's logarithm if rows of an account are alike, relative to independent rows; at least 1."""
    step = 1.02
    slope = fit.coefficients[1] * (design(half_life * step)[:, 1] - design(half_life / step)[:, 1])
    if np.ptp(slope) < 1e-12:
        return 1.0
    with_slope = fit_with(np.column_stack([design(half_life), scaled(slope)]))
    independent, clustered = with_slope.independent[-1, -1], with_slope.clustered[-1, -1]
    return max(1.0, float(clustered / independent)) if independent > 0 else 1.0


def scaled(column):
    """The column in units of its own spread, so that one wide prior fits all columns."""
    spread = float(np.std(column))
    return column / spread if spread > 0 else column
