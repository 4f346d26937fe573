"""How many accounts will become opportunities within the horizon, and how often such forecasts were right.

The expected number is the sum over bands of accounts times the band's rate, as in
`pipeline_forecast`. The interval adds up three variances. Each account converts by chance. The rates
are estimates from accounts with several rows. And months differ: past landmarks deviate from their
bands' rates by more than chance.

Where nobody or everybody converted, a rate of 0 or 1 would leave no chance at all. So chance is that of
rates with two more accounts that converted and two more that didn't (Agresti and Coull 1998).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

from engagement.review.data import MAIN_OUTCOME, arrays
from engagement.review.logistic import cluster_sums
from engagement.review.ranking import Estimate

# With fewer landmarks the difference between months is unknown.
MIN_LANDMARKS = 3


@dataclass(frozen=True)
class Forecast:
    """The forecast of one day. `actual` is None until it is known."""

    forecast_on: np.datetime64
    scoring_model: str
    accounts: int
    expected: Estimate
    actual: int | None


def forecasts(backtest, present_bands):
    """[Forecast] of each landmark and of the as-of date; `present_bands` is {scoring model: (accounts,) bands today}."""
    found = []
    horizon = np.timedelta64(backtest.horizon_days, "D")
    converted = backtest.converted[MAIN_OUTCOME]
    for model, bands in backtest.bands.items():
        days = [(day, backtest.landmarks == place) for place, day in enumerate(backtest.landmark_on)]
        for day, rows in days:
            known = np.isin(backtest.landmarks, np.flatnonzero(backtest.landmark_on + horizon <= day))
            expected = expect(
                bands[rows], bands[known], converted[known], backtest.landmarks[known], backtest.accounts[known],
                backtest.min_accounts, backtest.min_conversions,
            )
            found.append(Forecast(day, model, int(rows.sum()), expected, int(converted[rows].sum())))
        today = present_bands.get(model, np.array([], dtype=object))
        expected = expect(
            today, bands, converted, backtest.landmarks, backtest.accounts, backtest.min_accounts, backtest.min_conversions
        )
        found.append(Forecast(np.datetime64(backtest.as_of_date, "D"), model, len(today), expected, None))
    return found


def expect(asked_bands, bands, converted, landmarks, accounts, min_accounts=20, min_conversions=5):
    """Estimate of how many of the accounts convert, from rows with a known outcome. None if there are too few, or too few
    accounts in one of the bands: a sum that lacks a band is no forecast."""
    enough = len(np.unique(landmarks)) >= MIN_LANDMARKS and len(np.unique(accounts[converted == 1])) >= min_conversions
    names = sorted(set(bands))
    accounts_of_band = np.array([len(np.unique(accounts[bands == name])) for name in names])
    rated = {name for name, count in zip(names, accounts_of_band) if count >= min_accounts}
    if not len(asked_bands) or not enough or not set(asked_bands) <= rated:
        return Estimate(None)
    membership = np.array([bands == name for name in names]).T.astype(float)  # (rows, bands)
    rows_of_band = membership.sum(axis=0)
    rates = membership.T @ converted / rows_of_band
    asked = np.array([np.sum(asked_bands == name) for name in names])
    expected = float(asked @ rates)
    cautious = (rates * accounts_of_band + 2) / (accounts_of_band + 4)
    chances = cautious * (1 - cautious)
    chance = float(asked @ chances)
    residuals = cluster_sums(((converted[:, None] - rates) * membership) @ (asked / rows_of_band)[:, None], accounts)
    count = len(residuals)
    estimation = float((residuals**2).sum()) * count / max(count - 1, 1)
    is_extreme = (rates == 0) | (rates == 1)
    estimation += float((asked**2 * chances / (accounts_of_band + 4))[is_extreme].sum())
    drift = expected**2 * relative_drift(membership @ rates, converted, landmarks)
    reach = t.ppf(0.975, len(np.unique(landmarks)) - 1) * np.sqrt(chance + estimation + drift)
    return Estimate(expected, float(max(expected - reach, 0)), float(min(expected + reach, len(asked_bands))))


def relative_drift(expected, converted, landmarks):
    """Variance of a landmark's conversions beyond chance, relative to their expectation; at least 0."""
    of_landmark = [landmarks == landmark for landmark in np.unique(landmarks)]
    sums = np.array([expected[rows].sum() for rows in of_landmark])
    excess = sum((converted[rows].sum() - expected[rows].sum()) ** 2 for rows in of_landmark)
    chance = float(np.sum(expected * (1 - expected)))
    return max(0.0, (excess - chance) / float(np.sum(sums**2))) if sums.any() else 0.0


def read_present_bands(connection):
    """{scoring model: (accounts,) bands of the eligible accounts on the as-of date}"""
    found = arrays(connection, """
        select scoring_model, band from intermediate.int_landmark_scores where is_as_of_date order by scoring_model, account_id
    """)
    return {str(model): found["band"][found["scoring_model"] == model] for model in np.unique(found["scoring_model"].astype(str))}
