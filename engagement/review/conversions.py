"""How much more often a group of accounts converts than the other accounts, landmark by landmark.

The ratio comes from a Poisson regression with an intercept for each landmark. Its errors take into
account that an account has several rows (Zou 2004, with statsmodels).
"""

import warnings
from dataclasses import dataclass

import numpy as np
import statsmodels.api as sm
from statsmodels.stats.proportion import proportion_confint

from engagement.review.logistic import REACH, cluster_sums, landmark_dummies
from engagement.review.ranking import Estimate


@dataclass(frozen=True)
class Conversion:
    """A group's rows, compared with the other rows of the same landmarks."""

    n: int
    accounts: int
    other_accounts: int  # with rows outside the group
    converted: int
    rate: Estimate
    ratio: Estimate


def compare(is_member, converted, landmarks, accounts):
    """Conversion of the rows where `is_member`, an array (rows,) of true and false."""
    return Conversion(
        int(is_member.sum()), len(np.unique(accounts[is_member])), len(np.unique(accounts[~is_member])), int(converted[is_member].sum()),
        rate(converted[is_member], accounts[is_member]), ratio(is_member, converted, landmarks, accounts),
    )


def rate(converted, accounts):
    """Estimate of a rate, with the Wilson interval for the equivalent number of independent rows."""
    n, count = len(converted), len(np.unique(accounts))
    if not n:
        return Estimate(None)
    share = float(np.mean(converted))
    effective = count
    if 0 < share < 1 and count > 1:
        residuals = cluster_sums((converted - share)[:, None], accounts)
        design_effect = float((residuals**2).sum()) * count / (count - 1) / (n * share * (1 - share))
        effective = n / max(1.0, design_effect)
    low, high = proportion_confint(share * effective, effective, method="wilson")
    return Estimate(share, float(low), float(high))


def ratio(is_member, converted, landmarks, accounts):
    """Estimate of the members' rate over the others' rate; None if one side has no conversion."""
    # a landmark with only one side has nothing to compare
    both = [landmark for landmark in np.unique(landmarks) if 0 < is_member[landmarks == landmark].mean() < 1]
    rows = np.isin(landmarks, both)
    member, outcome, groups = is_member[rows].astype(float), converted[rows], accounts[rows]
    if min(outcome[member == 1].sum(initial=0), outcome[member == 0].sum(initial=0)) == 0 or len(np.unique(groups)) < 3:
        return Estimate(None)
    # a landmark without conversions has an intercept of minus infinity
    alive = np.isin(landmarks[rows], [landmark for landmark in both if converted[landmarks == landmark].any()])
    if outcome[alive].all():
        return Estimate(None)
    design = np.column_stack([member[alive], np.ones(alive.sum()), landmark_dummies(landmarks[rows][alive])])
    # rows of the same landmark and side are equal, so the regression runs on their counts
    cells, cell = np.unique(design, axis=0, return_inverse=True)
    counts, conversions = np.bincount(cell), np.bincount(cell, outcome[alive])
    with warnings.catch_warnings():
        # if each count has a coefficient of its own, statsmodels divides by 0 for a scale that isn't used
        warnings.simplefilter("ignore")
        fit = sm.GLM(conversions, cells, family=sm.families.Poisson(), exposure=counts).fit()
    error = clustered_error(fit.normalized_cov_params, design, outcome[alive] - (fit.mu / counts)[cell], groups[alive])
    value = float(fit.params[0])
    return Estimate(float(np.exp(value)), float(np.exp(value - REACH * error)), float(np.exp(value + REACH * error)))


def clustered_error(bread, design, residuals, accounts):
    """Standard error of the first coefficient if rows of an account can depend on each other (Liang and Zeger 1986)."""
    scores = cluster_sums(design * residuals[:, None], accounts) @ bread[0]
    return float(np.sqrt(scores @ scores * len(scores) / (len(scores) - 1)))
