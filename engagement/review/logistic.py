"""Logistic regression with an intercept for each landmark and a prior for every other coefficient.

The intercepts keep differences between months (season, growth, a new tracker) out of the
coefficients. So accounts are compared only with accounts of the same landmark.

Arrays: `design` is (rows, columns), `converted` (rows,) of 0 and 1, `landmarks` and `accounts`
(rows,) of whole numbers from 0. None of them holds a null. Coefficients are log-odds.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

# A prior so wide that it only keeps a coefficient finite if the data wouldn't.
WIDE = 10.0
# Standard errors on each side of a 95 % interval.
REACH = norm.ppf(0.975)


@dataclass(frozen=True)
class Fit:
    """A fitted model. Coefficients and covariances are for the columns, without the intercepts."""

    coefficients: np.ndarray  # (columns,)
    independent: np.ndarray  # (columns, columns), if rows are independent
    clustered: np.ndarray  # (columns, columns), if rows of an account can depend on each other
    log_likelihood: float  # without the prior

    def error(self, weights):
        """Standard error of `weights @ coefficients`: the larger one of the two kinds."""
        variances = [weights @ matrix @ weights for matrix in (self.independent, self.clustered)]
        return float(np.sqrt(max(*variances, 0.0)))


def fit_logistic(design, converted, landmarks, accounts, prior_sd):
    """The most likely coefficients, with a normal prior around 0 of standard deviation `prior_sd` for each.

    This is ridge regression. `converted` must hold both a 0 and a 1.
    """
    design = np.asarray(design, dtype=float)
    dummies = landmark_dummies(landmarks)
    columns = np.column_stack([dummies, design])
    sd = np.concatenate([np.full(dummies.shape[1], WIDE), np.broadcast_to(prior_sd, design.shape[1])])
    # each column is divided by its prior, because scikit-learn has a single penalty for all
    model = LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-8, max_iter=200)
    model.fit(columns * sd, converted)
    coefficients = np.concatenate([model.intercept_, model.coef_[0] * sd])
    with_intercept = np.column_stack([np.ones(len(converted)), columns])
    probabilities = expit(with_intercept @ coefficients)
    independent, clustered = covariances(with_intercept, converted, probabilities, accounts, sd)
    own = slice(1 + dummies.shape[1], None)
    return Fit(
        coefficients[own], independent[own, own], clustered[own, own], log_likelihood(converted, probabilities)
    )


def landmark_dummies(landmarks):
    """(rows, landmarks - 1): 1 in the column of the row's landmark. The first landmark has no column."""
    values = np.unique(landmarks)
    return (landmarks[:, None] == values[None, 1:]).astype(float)


def covariances(design, converted, probabilities, accounts, prior_sd):
    """(independent, clustered) covariance of the coefficients over samples. The prior shifts them, but isn't data.

    The clustered one is the sandwich estimator of Liang and Zeger (1986), times accounts / (accounts - 1). With
    few accounts it is too small, so intervals use the larger of the two.
    """
    weights = probabilities * (1 - probabilities)
    penalty = np.diag(np.concatenate([[0.0], 1 / prior_sd**2]))
    data = (design * weights[:, None]).T @ design
    bread = np.linalg.pinv(data + penalty, hermitian=True)
    scores = cluster_sums(design * (converted - probabilities)[:, None], accounts)
    count = len(np.unique(accounts))
    return bread @ data @ bread, bread @ (scores.T @ scores) @ bread * count / max(count - 1, 1)


def cluster_sums(values, accounts):
    """(accounts, columns): the sums of each account's rows."""
    order = np.argsort(accounts, kind="stable")
    starts = np.flatnonzero(np.diff(accounts[order], prepend=-1))
    return np.add.reduceat(values[order], starts, axis=0)


def log_likelihood(converted, probabilities):
    """Log-likelihood summed over rows; its maximum is 0."""
    return float(np.sum(xlogy(converted, probabilities) + xlogy(1 - converted, 1 - probabilities)))


def within_landmarks(values, landmarks):
    """The values, or columns of values, minus the mean of their landmark."""
    values = np.asarray(values, dtype=float)
    means = np.array([values[landmarks == landmark].mean(axis=0) for landmark in range(landmarks.max() + 1)])
    return values - means[landmarks]
