"""Tests whether an account keeps its band if all points and half-lives are varied at random, at once.

The numbers in the seeds aren't precise. Each draw changes every number of points by up to
`points_spread` of its value, and every half-life by up to `half_life_spread`. It then scores the
accounts of the as-of date again from the rows of `int_earned_points`. Caps, windows, look-back, band
bounds and persona weights stay the same, because they are choices, not measurements.
"""

from dataclasses import dataclass

import numpy as np

from engagement.review.data import SILENCE_LEFT, arrays


@dataclass(frozen=True)
class Earned:
    """The rows of `int_earned_points` that count on the as-of date in the primary scoring model."""

    accounts: np.ndarray  # (rows,) names
    items: np.ndarray  # (rows,) names: a signal, a combination, breadth
    points: np.ndarray  # (rows,) before decay
    days: np.ndarray  # (rows,) days of decay; negative while at full value
    half_life_days: np.ndarray  # (rows,) infinite means no decay
    is_model_half_life: np.ndarray  # (rows,) true if the half-life is the model's own, shared by all such rows
    silence_left: np.ndarray  # (rows,) share left after later silences, 0 to 1
    max_points: np.ndarray  # (rows,) infinite means no cap


@dataclass(frozen=True)
class Stability:
    """An account's results in the draws."""

    account_id: str
    score: int
    band: str
    same_band_share: float
    low_score: int  # 5 % of the draws are lower
    low_band: str
    high_score: int  # 5 % of the draws are higher
    high_band: str


def scores_of(earned, point_factors=1.0, half_life_factors=1.0):
    """{account: unrounded score}. `*_factors` are arrays (rows,) or one number."""
    half_lives = earned.half_life_days * half_life_factors
    left = 0.5 ** (np.maximum(earned.days, 0) / half_lives) * earned.silence_left
    values = earned.points * point_factors * left
    accounts, account = np.unique(earned.accounts, return_inverse=True)
    items, item = np.unique(earned.items, return_inverse=True)
    cells, cell = np.unique(account * len(items) + item, return_inverse=True)
    caps = np.full(len(cells), np.inf)
    np.minimum.at(caps, cell, earned.max_points)
    sums = np.minimum(np.bincount(cell, values, len(cells)), caps)
    totals = np.bincount(cells // max(len(items), 1), sums, len(accounts))
    return dict(zip(accounts, np.maximum(totals, 0)))


def rounded(scores):
    """Whole numbers, rounded half-up like the score, and not affected by floating point errors."""
    return np.floor(np.round(np.asarray(scores, dtype=float), 9) + 0.5).astype(int)


def stability(earned, published, bands, draws=200, points_spread=0.2, half_life_spread=0.5, seed=1):
    """[Stability] of the `published` accounts, {account: (score, band)}; `bands` are (band, lowest score)."""
    bands = sorted(bands, key=lambda band: band[1])
    names, bounds = [name for name, _ in bands], np.array([bound for _, bound in bands])

    def band_of(scores):
        return np.maximum(np.searchsorted(bounds, scores, side="right") - 1, 0)

    random = np.random.default_rng(seed)
    items, item = np.unique(earned.items, return_inverse=True)
    accounts = list(published)
    drawn = np.zeros((draws, len(accounts)), dtype=int)
    for draw in range(draws):
        points = random.uniform(1 - points_spread, 1 + points_spread, len(items))
        half_lives = random.uniform(1 - half_life_spread, 1 + half_life_spread, len(items) + 1)
        scores = scores_of(earned, points[item], half_lives[np.where(earned.is_model_half_life, len(items), item)])
        drawn[draw] = rounded([scores.get(account, 0.0) for account in accounts])
    found = []
    for place, account in enumerate(accounts):
        score, band = published[account]
        mine = drawn[:, place]
        low, high = (int(value) for value in np.quantile(mine, [0.05, 0.95], method="nearest"))
        same = float(np.mean(np.array(names)[band_of(mine)] == band))
        found.append(Stability(account, score, band, same, low, names[band_of(low)], high, names[band_of(high)]))
    return found


def read_earned(connection, most_accounts):
    """(Earned, {account: (score, band)}) of the prospects with the highest scores."""
    connection.execute("""
        create or replace temporary table review_prospects as
        select account_id, score, band from main.account_scores order by score_raw desc, account_id limit ?
    """, [most_accounts])
    rows = arrays(connection, f"""
        select
            earned.account_id, earned.entry_type || ' ' || earned.item as item, cast(earned.points as double) as points,
            cast(as_of.as_of_date - earned.decays_from as double) as days,
            coalesce(cast(earned.half_life_days as double), cast('infinity' as double)) as half_life_days,
            coalesce(earned.half_life_days = models.half_life_days, false) as is_model_half_life,
            {SILENCE_LEFT} as silence_left,
            coalesce(cast(earned.max_points as double), cast('infinity' as double)) as max_points
        from intermediate.int_earned_points as earned
        inner join rules.scoring_models as models on earned.scoring_model = models.scoring_model and models.is_primary
        cross join intermediate.int_as_of_date as as_of
        inner join review_prospects on earned.account_id = review_prospects.account_id
        inner join intermediate.int_score_history as history
            on history.scoring_model = earned.scoring_model and history.account_id = earned.account_id
            and history.score_date = as_of.as_of_date
        where
            earned.starts_on <= as_of.as_of_date and earned.ends_on > as_of.as_of_date
            and (earned.entry_type <> 'breadth' or history.has_breadth)
        order by all
    """)
    published = {
        account: (score, band) for account, score, band in connection.execute("from review_prospects").fetchall()
    }
    return Earned(
        rows["account_id"].astype(str), rows["item"].astype(str), rows["points"], rows["days"], rows["half_life_days"],
        rows["is_model_half_life"].astype(bool), rows["silence_left"], rows["max_points"],
    ), published
