"""Logistic regression with a prior for each coefficient, and errors that know that rows of an account are alike.

Arrays: `design` is (rows, columns) of numbers without an intercept, `converted` (rows,) of 0 and 1, `accounts` (rows,) of
whole numbers from 0, the account of each row. Nothing here may hold a null. All coefficients are log-odds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression

# A prior so wide that it only keeps a coefficient finite when the data would not.
WIDE = 10.0
# How many standard errors a 95 % interval reaches to either side.
REACH = norm.ppf(0.975)


@dataclass
class Fit:
    """A fitted model: the intercept's coefficient comes first."""

    coefficients: np.ndarray  # (1 + columns,)
    information: np.ndarray  # (1 + columns, 1 + columns): curvature of the penalised log-likelihood at its top
    design: np.ndarray  # (rows, 1 + columns)
    residuals: np.ndarray  # (rows,): converted - probability
    log_likelihood: float  # without the prior


def log_likelihood(converted, probabilities):
    """Sum over rows; 0 is the most."""
    return float(np.sum(xlogy(converted, probabilities) + xlogy(1 - converted, 1 - probabilities)))


def fit_logistic(design, converted, prior_sd):
    """The likeliest coefficients when each is a draw from a normal distribution around 0, `prior_sd` (columns,) wide.

    That is ridge regression: dividing by its prior_sd lets scikit-learn's single penalty serve all columns. `converted`
    must hold both a 0 and a 1.
    """
    scale = np.asarray(prior_sd, dtype=float)
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit(design * scale, converted)
    coefficients = np.concatenate([model.intercept_, model.coef_[0] * scale])
    return fit_at(coefficients, design, converted, prior_sd)


def fit_at(coefficients, design, converted, prior_sd):
    """All that follows from given coefficients."""
    with_intercept = np.column_stack([np.ones(len(converted)), design])
    probabilities = expit(with_intercept @ coefficients)
    weights = probabilities * (1 - probabilities)
    penalty = np.concatenate([[0.0], 1 / np.asarray(prior_sd, dtype=float) ** 2])
    information = (with_intercept * weights[:, None]).T @ with_intercept + np.diag(penalty)
    return Fit(coefficients, information, with_intercept, converted - probabilities, log_likelihood(converted, probabilities))


def independent_covariance(fit, prior_sd):
    """Covariance of the coefficients over samples of independent rows: the prior moves them, but is no data."""
    bread = np.linalg.inv(fit.information)
    penalty = np.concatenate([[0.0], 1 / np.asarray(prior_sd, dtype=float) ** 2])
    return bread @ (fit.information - np.diag(penalty)) @ bread


def clustered_covariance(fit, accounts):
    """Covariance of the coefficients when rows of one account may depend on each other in any way.

    The sandwich of Liang and Zeger (1986), times accounts / (accounts - 1).
    """
    count = accounts.max() + 1
    scores = np.zeros((count, len(fit.coefficients)))
    np.add.at(scores, accounts, fit.design * fit.residuals[:, None])
    bread = np.linalg.inv(fit.information)
    return bread @ (scores.T @ scores) @ bread * count / max(count - 1, 1)


def standard_errors(fit, accounts, prior_sd, combinations):
    """Errors of linear combinations of the coefficients, (combinations, 1 + columns): the larger of the two kinds.

    Accounts that happen to be more alike than chance would have it make no error smaller; with few accounts the sandwich
    alone is too short.
    """
    variances = [
        np.einsum("ij,jk,ik->i", combinations, covariance, combinations)
        for covariance in (independent_covariance(fit, prior_sd), clustered_covariance(fit, accounts))
    ]
    return np.sqrt(np.maximum(*variances))


def predicted(fit, design):
    """Probabilities of other rows under the fitted model."""
    return expit(fit.coefficients[0] + design @ fit.coefficients[1:])


def auc(converted, scores):
    """Chance that a row that converted scores higher than one that did not, ties counting half (Mann and Whitney 1947).

    None: all rows converted, or none did.
    """
    positives = int(np.sum(converted))
    negatives = len(converted) - positives
    if positives == 0 or negatives == 0:
        return None
    ranks = rankdata(scores)
    return float((ranks[converted == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives))
