"""What the outcomes say about the points of the signals.

Each row is an account on a landmark; a signal is shown or not. The log-odds of converting are taken to be

    intercept + scale x (sum of the points of the signals shown) + sum of the differences of the signals shown

so that a difference of 0 is a signal that is worth just its points. Only differences are shrunk (a normal prior around 0),
and so what the data cannot tell stays as it is in the seeds. Divided by the scale, a log-odds is a number of points.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import false_discovery_control, norm

from logistic import REACH, WIDE, auc, fit_logistic, log_likelihood, predicted, standard_errors

# The scale is fitted per ten points, which keeps its column in the range of the others.
POINT_UNIT = 10.0


@dataclass
class PointsFit:
    """Arrays are (signals,). Without a scale above 0, points are not defined and None."""

    scale: float  # log-odds of one point
    scale_low: float  # lower bound of its 95 % interval
    log_odds: np.ndarray
    log_odds_low: np.ndarray
    log_odds_high: np.ndarray
    points: np.ndarray | None
    points_low: np.ndarray | None
    points_high: np.ndarray | None
    p_values: np.ndarray  # chance of such a difference, or a larger one, were the points right


@dataclass
class TimeTest:
    """How well points fitted on early landmarks rank the accounts of later ones."""

    early_rows: int
    late_rows: int
    auc_of_points: float  # the points as they are
    auc_of_fit: float
    auc_of_random_split: float  # mean of splits by chance, which see the future and other days of the same accounts
    is_better: bool  # the fit gives what happened later a higher likelihood than the points do

    @property
    def optimism(self):
        return self.auc_of_random_split - self.auc_of_fit


def design_of(shown, points):
    """The columns of the model: sum of points, then one per signal."""
    return np.column_stack([shown @ points / POINT_UNIT, shown])


def prior_of(signal_count, prior_sd):
    return np.concatenate([[WIDE], np.full(signal_count, prior_sd)])


def fit_points(shown, converted, points, accounts, prior_sd):
    """Points and intervals of all signals; `shown` is (rows, signals) of 0 and 1, `points` (signals,)."""
    prior = prior_of(len(points), prior_sd)
    fit = fit_logistic(design_of(shown, points), converted, prior)
    scale, differences = fit.coefficients[1] / POINT_UNIT, fit.coefficients[2:]

    def errors(of_scale, of_differences):
        """Errors of what moves by so much with the scale, and by so much with the signal's own difference."""
        slopes = np.zeros((len(of_scale), len(fit.coefficients)))
        slopes[:, 1] = of_scale / POINT_UNIT
        slopes[np.arange(len(of_scale)), np.arange(len(of_scale)) + 2] = of_differences
        return standard_errors(fit, accounts, prior, slopes)

    one, none = np.ones(len(points)), np.zeros(len(points))
    log_odds, reach = scale * points + differences, REACH * errors(points, one)
    scale_low = scale - REACH * errors(one, none)[0]
    suggested = low = high = None
    if scale_low > 0:
        suggested = points + differences / scale
        # the delta method for a quotient
        points_reach = REACH * errors(-differences / scale**2, one / scale)
        low, high = suggested - points_reach, suggested + points_reach
    return PointsFit(
        scale, scale_low, log_odds, log_odds - reach, log_odds + reach, suggested, low, high,
        2 * norm.sf(np.abs(differences) / errors(none, one)),
    )


def time_split(landmark_on, horizon_ends_on, late_share):
    """(early, late) rows as masks: late are the last landmarks, early those whose outcome was known on the first late one.

    Rows between the two belong to neither: their windows reach into the late part.
    """
    landmarks = np.unique(landmark_on)
    first_late = landmarks[-max(1, round(late_share * len(landmarks)))]
    return horizon_ends_on <= first_late, landmark_on >= first_late


def judge_over_time(shown, converted, points, early, late, prior_sd, random_splits, seed):
    """A TimeTest, or None where one of the parts lacks rows that converted or rows that did not."""
    if any(len(np.unique(converted[part])) < 2 for part in (early, late)):
        return None
    design, prior = design_of(shown, points), prior_of(len(points), prior_sd)

    def fit_on(rows, columns=slice(None)):
        return fit_logistic(design[rows][:, columns], converted[rows], prior[columns])

    fit, points_only = fit_on(early), fit_on(early, slice(1))
    random_aucs = []
    random = np.random.default_rng(seed)
    for _ in range(random_splits):
        order = random.permutation(len(converted))
        train, test = order[:early.sum()], order[early.sum():early.sum() + late.sum()]
        if len(np.unique(converted[train])) == 2 and len(np.unique(converted[test])) == 2:
            random_aucs.append(auc(converted[test], predicted(fit_on(train), design[test])))
    return TimeTest(
        int(early.sum()), int(late.sum()),
        auc(converted[late], design[late, 0]), auc(converted[late], predicted(fit, design[late])),
        float(np.mean(random_aucs)) if random_aucs else float("nan"),
        log_likelihood(converted[late], predicted(fit, design[late]))
        > log_likelihood(converted[late], predicted(points_only, design[late, :1])),
    )


def proposed_points(points, suggested):
    """Suggestions as whole numbers, halves up; none below 0 unless the points are: a visit is no offence."""
    rounded = np.floor(np.asarray(suggested) + 0.5)
    return np.where((rounded < 0) & (points >= 0), 0.0, rounded)


def suggestions(fit, time_test, points, is_own_act, false_discovery_rate):
    """(signals,) of texts: "change", or why not."""
    if fit.points is None:
        return ["no suggestion: the points as a whole predict nothing"] * len(points)
    if time_test is None:
        return ["no suggestion: too little data to test on later landmarks"] * len(points)
    if not time_test.is_better:
        return ["no suggestion: no better than the points on later landmarks"] * len(points)
    # of what is suggested, at most this share is expected to be chance (Benjamini and Hochberg 1995)
    is_clear = false_discovery_control(fit.p_values) <= false_discovery_rate
    is_same = proposed_points(points, fit.points) == points
    return [
        "keep: our own act" if own else "keep: may be chance" if not clear else "keep: rounds to the same" if same else "change"
        for own, clear, same in zip(is_own_act, is_clear, is_same)
    ]
