"""The statistics of the review are those of other libraries, and its rules hold."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.stats import norm, t as student
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import StratifiedTable

from engagement.review.conversions import compare, ratio
from engagement.review.forecast import expect
from engagement.review.logistic import fit_logistic, landmark_dummies
from engagement.review.points import PointFit, fit_points, propose, review_points, rounded_points, time_split, with_similar
from engagement.review.ranking import auc_difference, auc_within
from engagement.review.data import Signal
from engagement.review.results import Settings, conversion_rows
from engagement.review.sales_cycles import sales_cycles
from engagement.review.stability import Earned, rounded, scores_of, stability
from worlds import POINTS, backtest, world

OUTCOME = "opportunity_created"


@pytest.fixture(scope="module")
def made():
    return world("season", 5)


def rows_of(made):
    return made.converted[OUTCOME], made.landmarks, made.accounts


def test_fits_are_those_of_statsmodels_with_a_dummy_for_each_landmark(made):
    converted, landmarks, accounts = rows_of(made)
    fit = fit_logistic(made.shown[:, :5], converted, landmarks, accounts, 1e4)
    design = sm.add_constant(np.column_stack([landmark_dummies(landmarks), made.shown[:, :5]]))
    plain = sm.Logit(converted, design).fit(disp=0, tol=1e-12)
    clustered = sm.Logit(converted, design).fit(
        disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": accounts, "use_correction": False}
    )
    # the landmarks have a wide prior, which leaves a trace in the fourth digit
    assert fit.coefficients == pytest.approx(plain.params[-5:], abs=1e-3)
    assert fit.log_likelihood == pytest.approx(plain.llf, abs=1e-2)
    assert fit.independent == pytest.approx(plain.cov_params()[-5:, -5:], abs=1e-4)
    count = len(np.unique(accounts))
    assert fit.clustered == pytest.approx(clustered.cov_params()[-5:, -5:] * count / (count - 1), abs=1e-4)
    weights = np.array([1.0, -1, 0, 0, 0])
    assert fit.error(weights) ** 2 == pytest.approx(max(weights @ fit.independent @ weights, weights @ fit.clustered @ weights))


def test_a_prior_is_a_penalty(made):
    converted, landmarks, accounts = rows_of(made)
    prior = np.array([0.1, 0.5, 2.0])
    fit = fit_logistic(made.shown[:, :3], converted, landmarks, accounts, prior)
    design = sm.add_constant(np.column_stack([landmark_dummies(landmarks), made.shown[:, :3]]))
    widths = np.concatenate([np.full(7, 10.0), prior])

    def loss(coefficients):
        log_odds = design @ coefficients
        return np.sum(np.logaddexp(0, log_odds) - converted * log_odds) + np.sum((coefficients[1:] / widths) ** 2) / 2

    assert fit.coefficients == pytest.approx(minimize(loss, np.zeros(11), method="BFGS").x[-3:], abs=1e-3)


def test_on_one_landmark_the_auc_is_that_of_scikit_learn_with_delongs_error(made):
    converted, landmarks, accounts = (values[made.landmarks == 2] for values in rows_of(made))
    scores = made.score[made.landmarks == 2]
    found = auc_within(scores, converted, landmarks, accounts)
    assert found.value == pytest.approx(roc_auc_score(converted, scores))
    wins = (scores[converted == 1][:, None] > scores[converted == 0]) + 0.5 * (scores[converted == 1][:, None] == scores[converted == 0])
    variance = wins.mean(axis=1).var(ddof=1) / wins.shape[0] + wins.mean(axis=0).var(ddof=1) / wins.shape[1]
    reach = student.ppf(0.975, min(wins.shape) - 1) * np.sqrt(variance) / (found.value * (1 - found.value))
    odds = found.value / (1 - found.value)
    assert found.low == pytest.approx(1 / (1 + np.exp(reach) / odds), abs=1e-9)
    assert found.high == pytest.approx(1 / (1 + np.exp(-reach) / odds), abs=1e-9)


def test_the_auc_counts_pairs_of_one_landmark_only(made):
    converted, landmarks, accounts = rows_of(made)
    pairs = [(roc_auc_score(converted[rows], made.score[rows]), converted[rows].sum() * (1 - converted[rows]).sum())
             for rows in (landmarks == landmark for landmark in range(8))]
    expected = sum(auc * weight for auc, weight in pairs) / sum(weight for _, weight in pairs)
    assert auc_within(made.score, converted, landmarks, accounts).value == pytest.approx(expected)
    # a score that knows the month alone knows nothing
    assert auc_within(landmarks.astype(float), converted, landmarks, accounts).value == 0.5


def test_a_difference_without_a_spread_has_no_interval():
    """Three accounts of each kind, ranked without a mistake by one score: no certainty that it's better by exactly one half."""
    converted, once = np.array([1.0, 1, 1, 0, 0, 0]), np.arange(6)
    found = auc_difference(np.zeros(6), converted, converted, np.zeros(6), once)
    assert (found.value, found.low, found.high) == (0.5, None, None)
    # a score that ranks as the other does is no better, whatever the accounts
    same = auc_difference(converted, 2 * converted, converted, np.zeros(6), once)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_risk_ratios_are_those_of_a_poisson_regression_in_clusters(made):
    converted, landmarks, accounts = rows_of(made)
    member = made.score >= 15
    design = np.column_stack([member, np.ones(len(member)), landmark_dummies(landmarks)]).astype(float)
    fit = sm.GLM(converted, design, family=sm.families.Poisson()).fit(
        cov_type="cluster", cov_kwds={"groups": accounts, "use_correction": False}
    )
    count = len(np.unique(accounts))
    reach = norm.ppf(0.975) * fit.bse[0] * np.sqrt(count / (count - 1))
    found = ratio(member, converted, landmarks, accounts)
    expected = np.exp(fit.params[0] + np.array([0, -reach, reach]))
    assert (found.value, found.low, found.high) == pytest.approx(expected, rel=1e-6)


def test_risk_ratios_are_near_those_of_mantel_and_haenszel(made):
    converted, landmarks, accounts = rows_of(made)
    member = made.score >= 15
    tables = [
        [[np.sum(converted[rows & side] == value) for value in (1, 0)] for side in (member, ~member)]
        for rows in (landmarks == landmark for landmark in range(8))
    ]
    found = ratio(member, converted, landmarks, accounts)
    assert found.value == pytest.approx(StratifiedTable([np.array(table, dtype=float) for table in tables]).riskratio_pooled, rel=0.03)


def test_rows_of_one_account_are_not_worth_as_many(made):
    """Ten copies of the same rows under the same accounts make no interval shorter."""
    converted, landmarks, accounts = rows_of(made)
    once = compare(made.score >= 15, converted, landmarks, accounts)
    often = compare(np.tile(made.score >= 15, 10), np.tile(converted, 10), np.tile(landmarks, 10), np.tile(accounts, 10))
    for name in ("rate", "ratio"):
        one, ten = getattr(once, name), getattr(often, name)
        assert (ten.value, ten.low, ten.high) == pytest.approx((one.value, one.low, one.high), rel=0.02)


def test_early_landmarks_are_those_whose_outcomes_were_known(made):
    early, late = time_split(made)
    assert not (early & late).any() and len(np.unique(made.landmarks[late])) == 2
    assert made.landmark_on[made.landmarks[early]].max() + 90 <= made.landmark_on[made.landmarks[late]].min()


def fit_of(**values):
    return PointFit("a", 5.0, log_odds_alone=0.5, **values)


@pytest.mark.parametrize("suggested, signal, alone, finding, proposed", [
    (12.4, Signal("a", 5.0), 0.5, "change", 12),
    (12.4, Signal("a", 5.0, max_points=9), 0.5, "change, up to the signal's cap", 9),
    (12.4, Signal("a", 9.0, max_points=9), 0.5, "keep: already at the signal's cap", None),
    (12.4, Signal("a", 1.0, max_points=2.5), 0.5, "change, up to the signal's cap", 2),
    (12.4, Signal("a", 9.0, max_points=5), 0.5, "keep: already at the signal's cap", None),
    (7.0, Signal("a", 9.0, max_points=5), 0.5, "change, up to the signal's cap", 5),
    (5.3, Signal("a", 5.0), 0.5, "keep: no whole number is closer", None),
    # a whole number can be farther from the evidence than the present points, or on their other side
    (0.3, Signal("a", 0.5), 0.5, "keep: no whole number is closer", None),
    (2.5, Signal("a", 2.6), 0.5, "keep: no whole number is closer", None),
    (8.0, Signal("a", 9.0, max_points=5), 0.5, "keep: already at the signal's cap", None),
    (-3.0, Signal("a", 5.0), 0.5, "change", 0),
    (7.0, Signal("a", 1.0), -0.1, "keep: a partial effect; alone the signal converts less often", None),
])
def test_a_proposal_is_whole_within_the_cap_and_no_partial_effect(suggested, signal, alone, finding, proposed):
    (found,) = propose([PointFit("a", signal.points, log_odds_alone=alone, suggested=suggested, p_value=1e-6)], [signal], 0.05)
    assert (found.finding, found.proposed) == (finding, proposed)


def test_of_what_is_proposed_at_most_the_given_share_is_chance():
    fits = [PointFit("a", 5.0, log_odds_alone=1.0, suggested=9.0, p_value=p) for p in (0.001, 0.02, 0.3, 0.04)]
    found = propose(fits, [Signal("a", 5.0)] * 4, 0.05)
    assert [fit.proposed for fit in found] == [9, 9, None, None]


def test_what_may_be_worth_the_same_is_named():
    """Of two labels of one act that the data cannot tell apart, the one that is left alone is named."""
    signals = [Signal("held", 10.0, channel="sales"), Signal("scheduled", 5.0, channel="sales"), Signal("click", 5.0, channel="email")]
    fits = [
        PointFit("held", 10.0, log_odds_alone=1.0, suggested=15, low=12, high=18, p_value=1e-4),
        PointFit("scheduled", 5.0, log_odds_alone=1.0, suggested=11, low=3, high=19, p_value=0.4),
        PointFit("click", 5.0, log_odds_alone=1.0, suggested=11, low=3, high=19, p_value=0.4),
    ]
    assert with_similar(propose(fits, signals, 0.05), signals)[0].similar == "scheduled"


def test_the_interval_of_points_excludes_the_present_ones_exactly_where_the_difference_is_clear(made):
    for fit in fit_points(made, OUTCOME, np.ones(len(made.landmarks), dtype=bool)):
        outside = (fit.low is not None and fit.low > fit.points) or (fit.high is not None and fit.high < fit.points)
        assert outside == (fit.p_value < 0.05)


def test_points_below_zero_are_zero_unless_they_are_a_penalty():
    assert [rounded_points(Signal("a", points), -2.6) for points in (5.0, -4.0)] == [0, -3]


def earned(**columns):
    count = len(columns["accounts"])
    rest = {"days": np.zeros(count), "half_life_days": np.full(count, 30.0), "is_model_half_life": np.ones(count, dtype=bool),
            "silence_left": np.ones(count), "max_points": np.full(count, np.inf)}
    return Earned(**{name: np.array(values) for name, values in (rest | columns).items()})


def test_scores_of_the_stability_are_sums_of_capped_items():
    rows = earned(
        accounts=["a", "a", "a", "b"], items=["click", "click", "visit", "visit"], points=[10.0, 10.0, 8.0, -5.0],
        days=[-20.0, 30.0, 60.0, 0.0], max_points=[12.0, 12.0, np.inf, np.inf],
    )
    assert scores_of(rows) == {"a": 12 + 2, "b": 0}
    assert scores_of(rows, point_factors=0.5) == {"a": 5 + 2.5 + 1, "b": 0}
    assert list(rounded([10.5, 10.4999999999999, 10.4])) == [11, 11, 10]


def test_an_account_in_the_middle_of_its_band_is_stable_and_one_at_its_edge_is_not():
    rows = earned(accounts=["middle", "edge"], items=["click", "click"], points=[38.0, 26.0], days=[0.0, 0.0])
    bands = [("Cold", 0), ("Warm", 11), ("Hot", 26), ("Very Hot", 51)]
    published = {"middle": (38, "Hot"), "edge": (26, "Hot"), "nothing earned": (0, "Cold")}
    found = {row.account_id: row for row in stability(rows, published, bands, draws=200)}
    assert found["middle"].same_band_share == found["nothing earned"].same_band_share == 1
    assert 0.3 < found["edge"].same_band_share < 0.7 and (found["edge"].low_band, found["edge"].high_band) == ("Warm", "Hot")
    # nothing moves without a spread
    still = stability(rows, published, bands, draws=3, points_spread=0, half_life_spread=0)
    assert all(row.low_score == row.high_score == row.score for row in still)


def cycles_of(days, is_closed):
    count = len(days)
    return {"account_id": np.arange(count), "band": np.full(count, "Hot", dtype=object), "days": np.array(days), "is_closed": np.array(is_closed)}


def test_open_opportunities_make_no_cycle_look_short():
    """Half of the closed ones took 20 days or less, but most are still open after 100."""
    (found, empty) = sales_cycles(cycles_of([10.0] * 10 + [30.0] * 10 + [100.0] * 40, [True] * 20 + [False] * 40), ["Hot", "Cold"])
    assert (found.opportunities, found.closed, found.median_days.value, empty.opportunities) == (60, 20, None, 0)


def test_without_open_opportunities_the_median_is_that_of_all_days():
    """A lost opportunity is never won: if it counted as not won yet, the median of won ones would be too long."""
    days = np.random.default_rng(1).integers(1, 200, 101).astype(float)
    (found,) = sales_cycles(cycles_of(days, [True] * 101), ["Hot"])
    assert found.median_days.value == np.median(days) and found.median_days.low < np.median(days) < found.median_days.high


@pytest.mark.parametrize("was_shown, suggested, finding", [
    (False, 5, "keep: too little on early landmarks to test the change on later ones"),
    (True, 3, "keep: early landmarks do not suggest the change, so later ones do not test it"),
])
def test_a_change_that_early_landmarks_cannot_test_or_do_not_suggest_is_not_proposed(was_shown, suggested, finding):
    """Two signals are worth other points, and later landmarks rank better with them. Another one rides along. It is new, or was
    there before, worth its points: what later landmarks test is no change of it."""
    truth = POINTS.copy()
    truth[[1, 3]] = 0, 15
    made = world("season", 5, accounts=1500, truth=truth)
    shown, late = made.shown.copy(), made.landmarks >= 6
    shown[:, 5] *= was_shown
    shown[late, 5] = np.random.default_rng(2).random(late.sum()) < np.where(made.converted[OUTCOME][late] == 1, 0.6, 0.3)
    fits, test = review_points(replace(made, shown=shown, units=shown.copy(), scores={"primary": shown @ POINTS}), OUTCOME)
    assert test.is_better and [fit.signal for fit in fits if fit.proposed is not None] == ["signal_1", "signal_3"]
    assert fits[5].suggested > suggested and fits[5].finding == finding


def test_a_forecast_needs_enough_accounts_in_each_of_its_bands():
    bands, landmarks, accounts = np.array(["Cold"] * 100 + ["Hot"] * 25), np.arange(125) % 5, np.arange(125)
    converted = (np.arange(125) % 10 == 0).astype(float)
    assert expect(np.array(["Cold", "Hot"]), bands, converted, landmarks, accounts).value is not None
    for asked, few in ((["Cold", "Hot"], np.where(bands == "Hot", 100 + accounts % 19, accounts)), (["Cold", "Warm"], accounts)):
        assert expect(np.array(asked), bands, converted, landmarks, few).value is None
    # a band in which nobody converted is no promise that nobody will
    converted[100:] = 0
    found = expect(np.array(["Hot"] * 30), bands, converted, landmarks, accounts)
    assert found.value == found.low == 0 and 3 < found.high < 15


def test_a_forecast_of_few_accounts_covers_what_comes():
    random, held = np.random.default_rng(5), []
    for _ in range(300):
        landmarks, accounts = np.repeat(np.arange(8), 28), np.arange(224)
        bands = np.tile(np.array(["Hot"] * 3 + ["Cold"] * 25), 8)
        converted = (random.random(224) < np.where(bands == "Hot", 0.05, 0.1)).astype(float)
        found = expect(np.array(["Hot"] * 40), bands, converted, landmarks, accounts)
        held.append(found.low <= random.binomial(40, 0.05) <= found.high)
    assert np.mean(held) >= 0.93


def test_a_ratio_needs_enough_accounts_on_both_sides():
    """59 accounts have the signal, and one hasn't."""
    landmark, account = np.repeat(np.arange(3), 60), np.tile(np.arange(60), 3)
    shown, converted = (account > 0).astype(float)[:, None], (account % 7 == 0).astype(float)
    rows = conversion_rows(backtest(landmark, account, converted, shown, np.array([5.0])), [], [], Settings())
    assert [(row["accounts"], row["rate"] is None, row["risk_ratio"]) for row in rows] == [(59, False, None)]


def test_a_forecast_covers_months_that_differ():
    """The rate of the past is that of the average month; the coming one is not an average month."""
    random = np.random.default_rng(3)
    held = []
    for _ in range(200):
        rates = np.clip(random.normal(0.2, 0.06, 9), 0.02, 0.6)
        landmarks, accounts = np.repeat(np.arange(9), 200), np.arange(1800)
        converted = (random.random(1800) < rates[landmarks]).astype(float)
        known = landmarks < 8
        bands = np.full(1800, "Hot", dtype=object)
        found = expect(bands[~known], bands[known], converted[known], landmarks[known], accounts[known])
        held.append(found.low <= converted[~known].sum() <= found.high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)
