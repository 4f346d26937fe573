"""Made-up companies of which the truth is known."""

import datetime as dt

import numpy as np
from scipy.special import expit

from engagement.review.data import Backtest, Signal

# how often a conversion follows, and how many signals an account shows, on the landmarks of three companies
TRENDS = {
    "start-up": ([0.03, 0.04, 0.06, 0.1, 0.14, 0.2, 0.18, 0.22], [0.5, 0.6, 0.8, 1.0, 1.2, 1.6, 1.5, 1.8]),
    "season": ([0.04, 0.2, 0.15, 0.05, 0.04, 0.2, 0.16, 0.05], [0.8, 1.3, 1.2, 0.7, 0.8, 1.4, 1.2, 0.7]),
    "decline": ([0.25, 0.2, 0.16, 0.12, 0.1, 0.07, 0.05, 0.04], [1.6, 1.5, 1.2, 1.1, 0.9, 0.8, 0.6, 0.5]),
}
POINTS = np.array([10.0, 5, 5, 5, 1, 1, 3, 8, 10, 5, 1, 1])
SHARES = np.array([0.1, 0.2, 0.3, 0.1, 0.5, 0.4, 0.2, 0.1, 0.05, 0.15, 0.3, 0.25])


def world(trend, seed, accounts=400, truth=POINTS, scale=0.08, trait=0.5, points=POINTS):
    """A Backtest whose accounts stand at eight month ends and have a trait of their own; `truth` are the true points."""
    random = np.random.default_rng(seed)
    rates, volumes = (np.array(values) for values in TRENDS[trend])
    count = len(rates)
    landmarks, account = np.repeat(np.arange(count), accounts), np.tile(np.arange(accounts), count)
    shares = np.minimum(SHARES[: len(points)] * volumes[landmarks][:, None], 0.95)
    shown = (random.random(shares.shape) < shares).astype(float)
    traits = random.normal(0, trait, accounts)
    # the intercept of each landmark gives it about its rate
    effects = scale * (shown - SHARES[: len(points)]) @ truth
    log_odds = np.log(rates / (1 - rates))[landmarks] + effects + traits[account] - 0.1
    converted = (random.random(len(landmarks)) < expit(log_odds)).astype(float)
    return backtest(landmarks, account, converted, shown, points)


def backtest(landmarks, accounts, converted, shown, points, **signal_settings):
    """A Backtest of given rows: the score is the sum of the points of the signals shown."""
    start = np.datetime64("2025-01-31")
    landmark_on = start + 30 * np.arange(landmarks.max() + 1)
    signals = [
        Signal(f"signal_{place}", value, **{name: values[place] for name, values in signal_settings.items()})
        for place, value in enumerate(points)
    ]
    return Backtest(
        landmarks, landmark_on, 90, accounts, {"opportunity_created": converted, "won": np.zeros(len(converted))},
        signals, shown, shown.copy(), {"primary": shown @ points}, as_of_date=dt.date(2026, 5, 31),
    )


def shuffled(values, landmarks, seed):
    """The values, shuffled among the rows of each landmark."""
    random = np.random.default_rng(seed)
    mixed = values.copy()
    for landmark in np.unique(landmarks):
        rows = np.flatnonzero(landmarks == landmark)
        mixed[rows] = values[random.permutation(rows)]
    return mixed
