"""Which half-life of a signal makes the outcomes after it likeliest.

The log-odds of converting are taken to be an intercept per landmark, plus the points of all other
signals shown, plus an effect times the decayed sum that the score adds up: every event of the signal
that was known by then, however old, each worth 1 for `full_value_days` and then half of it every
half-life. Half-lives of a grid are tried one by one (a profile likelihood). The interval holds those
that are not clearly less likely (Wilks 1938), the difference divided by how much more alike rows of
an account are than chance would have it (Chandler and Bate 2007).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import chi2

from engagement.review.logistic import WIDE, fit_logistic

# From two days to two years, each about a fifth longer than the one before.
GRID = np.geomspace(2, 730, 33)
LARGEST_DROP = chi2.ppf(0.95, df=1)


@dataclass(frozen=True)
class Events:
    """The events of one signal that each row knew, oldest included."""

    rows: np.ndarray  # (cells,) places in the backtest's rows
    age_days: np.ndarray  # (cells,)
    counts: np.ndarray  # (cells,)


@dataclass(frozen=True)
class HalfLife:
    """Days. None: no estimate, or no bound among the half-lives that were tried."""

    days: float | None
    low: float | None
    high: float | None
    finding: str


def decayed_sum(events, row_count, half_life_days, full_value_days, most=np.inf):
    """(rows,): what is left of the events of each row, at most `most` of them."""
    left = 0.5 ** (np.maximum(events.age_days - full_value_days, 0) / half_life_days)
    return np.minimum(np.bincount(events.rows, events.counts * left, row_count), most)


def estimate_half_life(events, others, converted, landmarks, accounts, full_value_days, most=np.inf):
    """A HalfLife; `others` (rows,) are the points of all other signals shown, `most` the cap in events."""
    def design(half_life):
        left = decayed_sum(events, len(converted), half_life, full_value_days, most)
        return np.column_stack([scaled(others), scaled(left)])

    def fit_with(columns):
        return fit_logistic(columns, converted, landmarks, accounts, WIDE)

    without = fit_with(scaled(others)[:, None]).log_likelihood
    fits = [fit_with(design(half_life)) for half_life in GRID]
    # events that make converting less likely have no half-life: their best effect is none
    likelihoods = np.array([fit.log_likelihood if fit.coefficients[1] > 0 else without for fit in fits])
    best = int(likelihoods.argmax())
    alikeness = design_effect(design, GRID[best], fits[best], fit_with)
    drops = 2 * (likelihoods[best] - likelihoods) / alikeness
    if 2 * (likelihoods[best] - without) / alikeness <= LARGEST_DROP:
        return HalfLife(None, None, None, "no estimate: the signal says too little about the outcome")
    inside = np.flatnonzero(drops <= LARGEST_DROP)
    # the bounds are the nearest half-lives that were tried and are outside
    low = float(GRID[inside[0] - 1]) if inside[0] > 0 else None
    high = float(GRID[inside[-1] + 1]) if inside[-1] < len(GRID) - 1 else None
    if low is None and high is None:
        return HalfLife(None, None, None, "no estimate: any half-life would do")
    return HalfLife(float(GRID[best]), low, high, "estimated")


def design_effect(design, half_life, fit, fit_with):
    """Variance of the half-life's logarithm with rows of an account alike, over that of independent rows; at least 1."""
    step = 1.02
    slope = fit.coefficients[1] * (design(half_life * step)[:, 1] - design(half_life / step)[:, 1])
    if np.ptp(slope) < 1e-12:
        return 1.0
    with_slope = fit_with(np.column_stack([design(half_life), scaled(slope)]))
    independent, clustered = with_slope.independent[-1, -1], with_slope.clustered[-1, -1]
    return max(1.0, float(clustered / independent)) if independent > 0 else 1.0


def scaled(column):
    """The column in units of its own spread, so that one wide prior suits all."""
    spread = float(np.std(column))
    return column / spread if spread > 0 else column
