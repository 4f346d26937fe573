"""Runs all questions of a review on one build: {table name: [dict of each row]}."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.stats import spearmanr

from engagement.review import points
from engagement.review.conversions import compare
from engagement.review.data import MAIN_OUTCOME, OUTCOMES, dicts, read_backtest, read_events
from engagement.review.forecast import forecasts, read_present_bands
from engagement.review.half_lives import estimate_half_life, without_chance
from engagement.review.ranking import Estimate, auc_difference, auc_within
from engagement.review.sales_cycles import read_opportunities, sales_cycles
from engagement.review.stability import read_earned, stability

ENOUGH = "enough data"


@dataclass(frozen=True)
class Settings:
    """The user's options, and vars of the build."""

    min_accounts: int = 20  # var measurement_min_accounts
    min_conversions: int = 5  # var measurement_min_conversions
    min_conversions_for_points: int = points.MIN_CONVERTED_ACCOUNTS
    prior: float = points.PRIOR
    false_discovery_rate: float = points.FALSE_DISCOVERY_RATE
    draws: int = 200
    points_spread: float = 0.2
    half_life_spread: float = 0.5
    most_accounts: int = 1000
    seed: int = 1


def review(connection, settings=Settings()):
    """(results, Backtest, [PointFit]) of the open build."""
    backtest = read_backtest(connection, settings.min_accounts, settings.min_conversions)
    bands = [(row["band"], row["min_score"]) for row in dicts(connection, "from rules.score_bands order by min_score")]
    thresholds = [int(row["threshold"]) for row in dicts(connection, """
        select distinct ceil(threshold) as threshold from rules.alert_rules
        where kind = 'threshold' and is_active order by threshold
    """)]
    fits, test = points.review_points(
        backtest, MAIN_OUTCOME, settings.prior, settings.false_discovery_rate, settings.min_conversions_for_points
    )
    return {
        "review_ranking": ranking_rows(backtest, settings),
        "review_model_differences": difference_rows(backtest, settings),
        "review_conversions": conversion_rows(backtest, [band for band, _ in bands], thresholds, settings),
        "review_points": point_rows(backtest, fits),
        "review_point_test": [vars(test) | {"is_better": test.is_better}] if test else [],
        "review_half_lives": half_life_rows(connection, backtest, fits, settings.false_discovery_rate),
        "review_sales_cycles": [
            row_of(cycle, median_days="median_days") | {"median_days_to_close": cycle.median_days.value}
            for cycle in sales_cycles(read_opportunities(connection), [band for band, _ in bands], settings.min_accounts)
        ],
        "review_forecast": forecast_rows(backtest, read_present_bands(connection)),
        "review_stability": stability_rows(connection, bands, settings),
    }, backtest, fits


def row_of(item, **estimates):
    """The fields of a dataclass; an Estimate becomes three columns: {field: name of the columns}."""
    row = {name: value for name, value in vars(item).items() if name not in estimates}
    for field, name in estimates.items():
        row |= interval(name, getattr(item, field))
    return row


def interval(name, estimate):
    return {name: estimate.value, f"{name}_low": estimate.low, f"{name}_high": estimate.high}


def if_enough(found_verdict, measured):
    """The measured columns; null unless there is enough data."""
    return measured if found_verdict == ENOUGH else dict.fromkeys(measured)


def verdict(backtest, outcome, settings, accounts=None):
    """"enough data", or a note on which data is too scarce."""
    if accounts is not None and accounts < settings.min_accounts:
        return f"not enough data: fewer than {settings.min_accounts} accounts"
    if backtest.converted_accounts(outcome) < settings.min_conversions:
        return f"not enough data: fewer than {settings.min_conversions} accounts converted"
    return ENOUGH


def ranking_rows(backtest, settings):
    rows = []
    for (model, scores), outcome in product(backtest.scores.items(), OUTCOMES):
        converted, found_verdict = backtest.converted[outcome], verdict(backtest, outcome, settings)
        auc = auc_within(scores, converted, backtest.landmarks, backtest.accounts)
        rows.append({
            "scoring_model": model, "outcome": outcome, "landmarks": len(backtest.landmark_on), "n": len(converted),
            "converted": int(converted.sum()), "converted_accounts": backtest.converted_accounts(outcome),
            **if_enough(found_verdict, interval("auc", auc)), "verdict": found_verdict,
        })
    return rows


def difference_rows(backtest, settings):
    rows = []
    for (model, scores), outcome in product(backtest.scores.items(), OUTCOMES):
        if model == backtest.primary:
            continue
        found_verdict = verdict(backtest, outcome, settings)
        difference = auc_difference(backtest.score, scores, backtest.converted[outcome], backtest.landmarks, backtest.accounts)
        varies = all(len(values) and np.ptp(values) > 0 for values in (backtest.score, scores))
        rows.append({
            "scoring_model": model, "primary_model": backtest.primary, "outcome": outcome,
            **if_enough(found_verdict, interval("auc_difference", difference)),
            "rank_correlation": float(spearmanr(backtest.score, scores).statistic) if varies else None, "verdict": found_verdict,
        })
    return rows


def conversion_rows(backtest, bands, thresholds, settings):
    groups = [
        ("band", band, model, outcome, names == band)
        for (model, names), band, outcome in product(backtest.bands.items(), bands, OUTCOMES)
    ] + [
        ("threshold", str(threshold), model, MAIN_OUTCOME, scores >= threshold)
        for (model, scores), threshold in product(backtest.shown_scores.items(), thresholds)
    ] + [
        ("signal", signal.signal, backtest.primary, MAIN_OUTCOME, backtest.shown[:, place] == 1)
        for place, signal in enumerate(backtest.signals)
    ]
    rows = []
    for kind, name, model, outcome, is_member in groups:
        found = compare(is_member, backtest.converted[outcome], backtest.landmarks, backtest.accounts)
        found_verdict = verdict(backtest, outcome, settings, found.accounts)
        # both sides of a ratio need enough accounts
        ratio = found.ratio if found.other_accounts >= settings.min_accounts else Estimate(None)
        measured = interval("rate", found.rate) | interval("risk_ratio", ratio)
        rows.append({
            "group_kind": kind, "group_name": name, "scoring_model": model, "outcome": outcome,
            "n": found.n, "accounts": found.accounts, "converted": found.converted,
            **if_enough(found_verdict, measured), "verdict": found_verdict,
        })
    return rows


def point_rows(backtest, fits):
    return [{
        "signal": fit.signal, "points": fit.points, "max_points": signal.max_points,
        "log_odds_alone": fit.log_odds_alone, "log_odds": fit.log_odds,
        "suggested_points": fit.suggested, "suggested_points_low": fit.low, "suggested_points_high": fit.high,
        "proposed_points": fit.proposed, "similar_signals": fit.similar, "finding": fit.finding,
    } for fit, signal in zip(fits, backtest.signals)]


def half_life_rows(connection, backtest, fits, false_discovery_rate):
    present = np.array([signal.points for signal in backtest.signals])
    # without points there is nothing to decay, and outbound activity earns none
    rows = {
        place: {
            "signal": signal.signal, "full_value_days": signal.full_value_days, "configured_days": signal.half_life_days,
            "half_life_days": None, "half_life_days_low": None, "half_life_days_high": None, "finding": fit.finding,
        }
        for place, (fit, signal) in enumerate(zip(fits, backtest.signals))
        if signal.half_life_days is not None and signal.points > 0 and not signal.is_own_act
    }
    places = [place for place in rows if fits[place].log_odds_alone is not None]
    estimates = without_chance([half_life(connection, backtest, place, present) for place in places], false_discovery_rate)
    for place, estimate in zip(places, estimates):
        rows[place] |= {"half_life_days": estimate.days, "half_life_days_low": estimate.low,
                        "half_life_days_high": estimate.high, "finding": estimate.finding}
    return list(rows.values())


def half_life(connection, backtest, place, present):
    """The HalfLife of the signal at `place`; `present` are the points of all signals."""
    signal = backtest.signals[place]
    others = backtest.shown @ present - backtest.shown[:, place] * present[place]
    return estimate_half_life(
        read_events(connection, signal.signal), others, backtest.converted[MAIN_OUTCOME], backtest.landmarks,
        backtest.accounts, signal.full_value_days, signal.max_points / signal.points,
    )


def forecast_rows(backtest, present_bands):
    if backtest.as_of_date is None:
        return []
    return [
        row_of(found, expected="expected") | {"is_within": is_within(found)}
        for found in forecasts(backtest, present_bands)
    ]


def is_within(found):
    if found.actual is None or found.expected.low is None:
        return None
    return bool(found.expected.low <= found.actual <= found.expected.high)


def stability_rows(connection, bands, settings):
    earned, published = read_earned(connection, settings.most_accounts)
    return [vars(found) | {"draws": settings.draws} for found in stability(
        earned, published, bands, settings.draws, settings.points_spread, settings.half_life_spread, settings.seed
    )]
