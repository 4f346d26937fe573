"""The points that the outcomes suggest, and whether they are good enough to propose.

The model only estimates differences from the current points. Within a landmark, the log-odds of
converting are

    scale x (points of the signals shown) + a difference for each signal

Each difference has a normal prior around 0, so without evidence the points stay as they are. The scale
turns log-odds back into points. The model holds only signals that a score can use: outbound activity
gets no points, and signals that would get fewer than 0 get 0 and are fitted no further.

The interval of suggested points is Fieller's. It holds the numbers r for which "the signal is worth r"
isn't clearly wrong. So it excludes the current points exactly if the difference is clear.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import false_discovery_control, norm

from engagement.review.logistic import REACH, WIDE, fit_logistic, within_landmarks
from engagement.review.ranking import auc_difference, auc_within

# The points that the scale is fitted for.
POINT_UNIT = 10.0
# How far a signal can be from its points before any data: a standard deviation of log-odds.
PRIOR = 0.5
# At most this share of the proposals is expected to be chance (Benjamini and Hochberg 1995).
FALSE_DISCOVERY_RATE = 0.05
# Share of the landmarks that is kept for testing.
LATE_SHARE = 0.3
# If the scale explains this share of a signal, the two can't be told apart ...
SAME = 1 - 1e-6
# ... and if other signals explain this share of it, it can't be told apart from them.
TIED = 0.8
MIN_CONVERTED_ACCOUNTS = 30


@dataclass(frozen=True)
class PointFit:
    """The evidence about one signal. None means unknown, and `finding` says why."""

    signal: str
    points: float
    log_odds_alone: float | None = None  # odds of converting with the signal over those without it, within landmarks
    log_odds: float | None = None  # the same, with all other signals in the model
    suggested: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    proposed: float | None = None  # points for the seed; None means no change
    similar: str | None = None  # signals of the channel that may also be worth the proposed points
    finding: str = ""


@dataclass(frozen=True)
class TimeTest:
    """Tests the current points, and points fitted on early landmarks, on later landmarks."""

    early_landmarks: int
    late_landmarks: int
    auc: float | None
    auc_proposed: float | None
    auc_difference_low: float | None
    auc_difference_high: float | None
    log_likelihood: float
    log_likelihood_proposed: float

    @property
    def is_better(self):
        return (
            self.auc_difference_low is not None and self.auc_difference_low > 0
            and self.log_likelihood_proposed > self.log_likelihood
        )


def review_points(backtest, outcome, prior=PRIOR, false_discovery_rate=FALSE_DISCOVERY_RATE,
                  min_converted_accounts=MIN_CONVERTED_ACCOUNTS):
    """([PointFit of each signal], TimeTest or None if there was nothing to test)."""
    everything = np.ones(len(backtest.landmarks), dtype=bool)
    if backtest.converted_accounts(outcome) < min_converted_accounts:
        finding = f"not enough data: fewer than {min_converted_accounts} accounts converted"
        return [PointFit(signal.signal, signal.points, finding=finding) for signal in backtest.signals], None
    fits = propose(fit_points(backtest, outcome, everything, prior), backtest.signals, false_discovery_rate)
    early, _ = time_split(backtest)
    early_fits = fit_points(backtest, outcome, early, prior)
    fits = [
        kept(fit, why_untested(fit, early_fit, signal)) if fit.proposed is not None and why_untested(fit, early_fit, signal) else fit
        for fit, early_fit, signal in zip(fits, early_fits, backtest.signals)
    ]
    changes = [place for place, fit in enumerate(fits) if fit.proposed is not None]
    if not changes:
        return fits, None
    test = judge_over_time(backtest, outcome, {place: early_fits[place].suggested for place in changes})
    if test is None or not test.is_better:
        finding = "keep: too few landmarks to test the change on later ones" if test is None else (
            "keep: later landmarks do not clearly rank better with the change"
        )
        fits = [kept(fit, finding) if fit.proposed is not None else fit for fit in fits]
    return with_similar(fits, backtest.signals), test


def kept(fit, finding):
    """The fit without its proposal."""
    return replace(fit, proposed=None, finding=finding)


def why_untested(fit, early_fit, signal):
    """Why later landmarks can't test a proposal; empty if early ones suggest a change in the same direction."""
    if early_fit.suggested is None:
        return "keep: too little on early landmarks to test the change on later ones"
    if (rounded_points(signal, early_fit.suggested) - signal.points) * (fit.proposed - signal.points) <= 0:
        return "keep: early landmarks do not suggest the change, so later ones do not test it"
    return ""


def fit_points(backtest, outcome, rows, prior=PRIOR):
    """[PointFit of each signal] from the rows where `rows` is true, without proposals."""
    converted, landmarks, accounts = backtest.converted[outcome][rows], backtest.landmarks[rows], backtest.accounts[rows]
    landmarks = np.unique(landmarks, return_inverse=True)[1]
    shown, signals = backtest.shown[rows], backtest.signals
    results = [PointFit(signal.signal, signal.points) for signal in signals]
    if len(np.unique(converted)) < 2:
        return [replace(result, finding="not enough data: all converted, or none") for result in results]
    usable = []
    for place, signal in enumerate(signals):
        has = shown[:, place] == 1
        if min(len(np.unique(accounts[has])), len(np.unique(accounts[~has]))) < backtest.min_accounts:
            results[place] = replace(results[place], finding=f"not enough data: fewer than {backtest.min_accounts} accounts")
            continue
        alone = fit_logistic(shown[:, [place]], converted, landmarks, accounts, WIDE)
        results[place] = replace(results[place], log_odds_alone=float(alone.coefficients[0]))
        if signal.is_own_act:
            results[place] = replace(results[place], finding="keep: outbound activity")
        else:
            usable.append(place)
    for place, result in fit_next_to_others(shown, converted, landmarks, accounts, signals, usable, prior).items():
        results[place] = replace(
            results[place], **{name: value for name, value in vars(result).items() if name != "log_odds_alone"}
        )
    return results


def fit_next_to_others(shown, converted, landmarks, accounts, signals, usable, prior):
    """{place: PointFit} of the usable signals, fitted together."""
    found, left = {}, list(usable)
    while left:
        round_found = fit_once(shown[:, left], converted, landmarks, accounts, [signals[place] for place in left], prior)
        found |= dict(zip(left, round_found))
        # a signal that would get fewer than 0 points gets 0, and the others are fitted without it
        negative = [
            place for place, result in zip(left, round_found)
            if result.suggested is not None and result.suggested < 0 <= signals[place].points
        ]
        if not negative:
            break
        left = [place for place in left if place not in negative]
    return found


def fit_once(shown, converted, landmarks, accounts, signals, prior):
    """[PointFit] of signals, fitted together."""
    points = np.array([signal.points for signal in signals])
    total = shown @ points / POINT_UNIT
    design = np.column_stack([total, shown])
    fit = fit_logistic(design, converted, landmarks, accounts, np.concatenate([[WIDE], np.full(len(points), prior)]))
    count = len(points)
    scale_weights = np.eye(count + 1)[0]
    scale, scale_error = fit.coefficients[0], fit.error(scale_weights)
    has_scale = scale - REACH * scale_error > 0
    ambiguities = findings_of_shape(shown, total, landmarks, signals)
    results = []
    for place, signal in enumerate(signals):
        weights = np.eye(count + 1)[1 + place] + scale_weights * points[place] / POINT_UNIT
        log_odds = float(weights @ fit.coefficients)
        result = PointFit(signal.signal, signal.points, log_odds=log_odds, finding=ambiguities[place])
        if not has_scale:
            result = replace(result, finding="no suggestion: the points together predict nothing")
        elif not ambiguities[place]:
            error = fit.error(np.eye(count + 1)[1 + place])
            low, high = fieller(fit, weights, scale_weights)
            result = replace(
                result, suggested=float(POINT_UNIT * log_odds / scale), low=low, high=high,
                p_value=float(2 * norm.sf(abs(fit.coefficients[1 + place]) / error)) if error > 0 else 1.0,
            )
        results.append(result)
    return results


def fieller(fit, weights, scale_weights):
    """Bounds of (weights @ coefficients) / scale, in points; None for an open end."""
    scale, value = scale_weights @ fit.coefficients, weights @ fit.coefficients
    ratio = value / scale
    bounds = []
    for sign in (-1, 1):
        bound = ratio
        # the error of "value - bound x scale" depends on the bound, so the bound is found step by step
        for _ in range(200):
            error = fit.error(weights - bound * scale_weights)
            following = ratio + sign * REACH * error / scale
            if not np.isfinite(following) or abs(following) > 1e4:
                bound = None
                break
            if abs(following - bound) < 1e-9 * max(1, abs(bound)):
                break
            bound = following
        bounds.append(None if bound is None else float(POINT_UNIT * bound))
    return bounds


def findings_of_shape(shown, total, landmarks, signals):
    """[text] of each signal: why its points can't be told apart; empty if they can."""
    centred = within_landmarks(shown, landmarks)
    centred_total = within_landmarks(total, landmarks)
    texts = []
    for place in range(len(signals)):
        column, others = centred[:, place], np.delete(np.arange(len(signals)), place)
        if len(others) and explained(column, centred[:, others]) > TIED:
            nearest = max(others, key=lambda other: explained(column, centred[:, [other]]))
            texts.append(f"no suggestion: shown together with {signals[nearest].signal}")
        elif explained(column, centred_total[:, None]) > SAME:
            texts.append("no suggestion: cannot be told apart from the scale")
        else:
            texts.append("")
    return texts


def explained(column, others):
    """Share of a column's variance that a linear combination of other columns explains."""
    total = column @ column
    if total <= 0:
        return 1.0
    inner = others.T @ column
    return float(inner @ np.linalg.pinv(others.T @ others, rcond=1e-10, hermitian=True) @ inner / total)


def rounded_points(signal, suggested):
    """Suggested points for a seed: whole, within the cap, and not below 0 unless the current points are. A cap doesn't lower
    points that should be raised."""
    rounded, limit = np.floor(suggested + 0.5), np.floor(signal.max_points)
    if signal.points >= 0:
        rounded = max(rounded, 0.0)
    if suggested >= signal.points:
        limit = max(limit, signal.points)
    return float(min(rounded, limit))


def propose(fits, signals, false_discovery_rate):
    """The fits, each with a proposal and a finding."""
    tested = [place for place, fit in enumerate(fits) if fit.p_value is not None]
    is_clear = dict(zip(tested, false_discovery_control([fits[place].p_value for place in tested]) <= false_discovery_rate)) if tested else {}
    results = []
    for place, (fit, signal) in enumerate(zip(fits, signals)):
        if place in is_clear:
            proposed = rounded_points(signal, fit.suggested)
            at_cap = proposed < np.floor(fit.suggested + 0.5)
            if not is_clear[place]:
                fit = replace(fit, finding="keep: may be chance")
            elif proposed == signal.points or abs(proposed - fit.suggested) > abs(signal.points - fit.suggested):
                fit = replace(fit, finding="keep: already at the signal's cap" if at_cap else "keep: no whole number is closer")
            elif proposed > signal.points and fit.log_odds_alone <= 0:
                fit = replace(fit, finding="keep: a partial effect; alone the signal converts less often")
            else:
                fit = replace(fit, proposed=proposed, finding="change, up to the signal's cap" if at_cap else "change")
        results.append(fit)
    return results


def with_similar(fits, signals):
    """The fits, each proposal with its similar signals."""
    return [replace(fit, similar=similar_signals(place, fits, signals)) if fit.proposed is not None else fit
            for place, fit in enumerate(fits)]


def similar_signals(place, fits, signals):
    """Signals of the same channel without a proposal, whose interval holds the proposed points; None if there are none."""
    mine = fits[place]
    names = [
        fit.signal for other, (fit, signal) in enumerate(zip(fits, signals))
        if other != place and fit.proposed is None and signal.channel == signals[place].channel
        and fit.low is not None and fit.high is not None and fit.low <= mine.proposed <= fit.high
    ]
    return ", ".join(names) or None


def time_split(backtest):
    """(early, late): rows to fit and rows to test. All early outcomes were known on the first late landmark."""
    count = len(backtest.landmark_on)
    late_from = count - max(1, round(LATE_SHARE * count))
    if late_from < 1:
        return np.zeros(len(backtest.landmarks), dtype=bool), np.ones(len(backtest.landmarks), dtype=bool)
    known = backtest.landmark_on + np.timedelta64(backtest.horizon_days, "D") <= backtest.landmark_on[late_from]
    return known[backtest.landmarks], backtest.landmarks >= late_from


def judge_over_time(backtest, outcome, changes):
    """TimeTest of `changes`, {place of a signal: the points that early landmarks suggest}; None if a part has one outcome only."""
    early, late = time_split(backtest)
    converted = backtest.converted[outcome]
    if any(len(np.unique(converted[part])) < 2 for part in (early, late)):
        return None
    present = np.array([signal.points for signal in backtest.signals])
    proposed = present.copy()
    for place, suggested in changes.items():
        proposed[place] = rounded_points(backtest.signals[place], suggested)
    scores = backtest.score[late]
    others = np.maximum(scores - backtest.points_of(present)[late] + backtest.points_of(proposed)[late], 0)
    landmarks = np.unique(backtest.landmarks[late], return_inverse=True)[1]
    accounts, outcomes = backtest.accounts[late], converted[late]
    before, after = (auc_within(values, outcomes, landmarks, accounts) for values in (scores, others))
    difference = auc_difference(scores, others, outcomes, landmarks, accounts)
    likelihoods = [
        fit_logistic(values[:, None] / max(np.std(values), 1e-9), outcomes, landmarks, accounts, WIDE).log_likelihood
        for values in (scores, others)
    ]
    return TimeTest(
        len(np.unique(backtest.landmarks[early])), len(np.unique(backtest.landmarks[late])), before.value, after.value,
        difference.low, difference.high, *likelihoods,
    )
