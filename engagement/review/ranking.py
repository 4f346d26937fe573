"""Measures how well scores rank the accounts of a landmark.

The AUC is the chance that an account that will convert scores higher than one of the same landmark
that won't; ties count half. Only pairs of the same landmark count, so a score that knows only the
month ranks no account above another. The variance sums placement values by account (DeLong 1988,
Obuchowski 1997), because an account has several landmarks. Intervals are Student's, because often few
accounts converted.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from scipy.stats import rankdata, t

from engagement.review.logistic import cluster_sums


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval. None means unknown."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Placements:
    """An AUC, and each row's part of its error, separately for rows that converted and others."""

    auc: float
    converted_part: np.ndarray  # (rows,)
    other_part: np.ndarray  # (rows,)


def placements(scores, converted, landmarks):
    """Placements; None if no landmark has both rows that converted and others."""
    won, pairs = np.zeros(len(scores)), np.zeros(len(scores))
    total_won = total_pairs = 0.0
    for landmark in np.unique(landmarks):
        rows = np.flatnonzero(landmarks == landmark)
        is_positive = converted[rows] == 1
        positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
        if not positives or not negatives:
            continue
        ranks = rankdata(scores[rows])
        own = np.empty(len(rows))
        own[is_positive], own[~is_positive] = rankdata(scores[rows][is_positive]), rankdata(scores[rows][~is_positive])
        # pairs in which the converted row scores higher, seen from each row
        won[rows] = np.where(is_positive, ranks - own, positives - (ranks - own))
        pairs[rows] = np.where(is_positive, negatives, positives)
        total_won += won[rows][is_positive].sum()
        total_pairs += positives * negatives
    if not total_pairs:
        return None
    auc = total_won / total_pairs
    residuals = (won - auc * pairs) / total_pairs
    return Placements(float(auc), np.where(converted == 1, residuals, 0), np.where(converted == 1, 0, residuals))


def reach_of(converted_part, other_part, converted, accounts):
    """How far the 95 % interval of an AUC, or of the difference of two, extends to each side; None with fewer than two accounts
    of a kind."""
    positives, negatives = (len(np.unique(accounts[converted == kind])) for kind in (1, 0))
    if min(positives, negatives) < 2:
        return None
    mine, others = cluster_sums(np.column_stack([converted_part, other_part]), accounts).T
    count = len(mine)
    variance = (
        mine @ mine * positives / (positives - 1) + others @ others * negatives / (negatives - 1)
        + 2 * mine @ others * count / (count - 1)
    )
    return float(t.ppf(0.975, min(positives, negatives) - 1) * np.sqrt(max(variance, 0)))


def auc_within(scores, converted, landmarks, accounts):
    """Estimate of the AUC. The interval is computed on its logit, so that it stays between 0 and 1."""
    placed = placements(scores, converted, landmarks)
    if placed is None:
        return Estimate(None)
    reach = reach_of(placed.converted_part, placed.other_part, converted, accounts)
    if not reach or not 0 < placed.auc < 1:
        return Estimate(placed.auc)
    reach /= placed.auc * (1 - placed.auc)
    return Estimate(placed.auc, float(expit(logit(placed.auc) - reach)), float(expit(logit(placed.auc) + reach)))


def auc_difference(scores, other_scores, converted, landmarks, accounts):
    """Estimate of the AUC of `other_scores` minus that of `scores`, on the same rows."""
    first, second = (placements(values, converted, landmarks) for values in (scores, other_scores))
    if first is None:
        return Estimate(None)
    value = float(second.auc - first.auc)
    reach = reach_of(
        second.converted_part - first.converted_part, second.other_part - first.other_part, converted, accounts
    )
    # a score without any error in its ranking leaves nothing to estimate the spread from
    if reach is None or (not reach and value):
        return Estimate(value)
    return Estimate(value, value - reach, value + reach)
