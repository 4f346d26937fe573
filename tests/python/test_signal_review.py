"""What signals say about outcomes: the statistics are those of other libraries, the truth is found, and noise proposes nothing."""

import math
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score
from statsmodels.stats.contingency_tables import Table2x2

import review_signals
from half_lives import decay, estimate_half_life
from harness import ROOT, SAMPLE, read_csv
from logistic import auc, clustered_covariance, fit_logistic, independent_covariance
from signal_points import fit_points, judge_over_time, proposed_points, suggestions, time_split
from test_sample import generate

MARTS = ("signal_performance", "half_life_estimates")
OPTIONS = SimpleNamespace(prior=0.5, false_discovery_rate=0.05, late_share=0.3, random_splits=5, seed=1)


@pytest.fixture(scope="module")
def sample(compiled):
    return compiled.run(SAMPLE, wanted=(*MARTS, "int_score_items"))


@pytest.fixture(scope="module")
def landmarks(sample):
    return review_signals.read_landmarks(sample)


def columns_of(landmarks, outcome="opportunity_created"):
    """(shown, points) of the signals with enough data."""
    columns = np.flatnonzero(landmarks.reviewable[outcome])
    return landmarks.shown[:, columns], np.array([landmarks.signals[column]["points"] for column in columns])


def rows_of(connection, sql):
    return review_signals.dicts(connection, sql)


# --- the mart ---------------------------------------------------------------------------------------------------------

def test_odds_and_information_are_those_of_statsmodels_and_plain_python(sample, landmarks):
    rows = rows_of(sample, "select * from intermediate.int_signal_conversions where verdict = 'enough data'")
    assert len(rows) > 30 and {row["outcome"] for row in rows} == {"opportunity_created", "won"}
    names = [signal["signal"] for signal in landmarks.signals]
    for row in rows:
        shown, converted = landmarks.shown[:, names.index(row["signal"])] == 1, landmarks.converted[row["outcome"]]
        cells = np.array([[(converted[group] == value).sum() for value in (1, 0)] for group in (shown, ~shown)]) + 0.5
        assert (row["converted_with"], row["n_with"]) == (converted[shown].sum(), shown.sum())
        assert (row["accounts_with"], row["accounts_without"]) == tuple(len(set(landmarks.accounts[group])) for group in (shown, ~shown))
        table = Table2x2(cells, shift_zeros=False)
        expected = (table.log_oddsratio, *table.log_oddsratio_confint(0.05))
        assert tuple(float(row[name]) for name in ("log_odds", "log_odds_low", "log_odds_high")) == pytest.approx(expected, abs=1e-9)
        yes, no = cells[:, 0] / cells[:, 0].sum(), cells[:, 1] / cells[:, 1].sum()
        assert float(row["information_value"]) == pytest.approx(float(np.sum((yes - no) * np.log(yes / no))), abs=1e-9)
        # the sandwich, one account after the other
        total, accounts = 0.0, set(landmarks.accounts)
        for account in accounts:
            error = 0.0
            for group, sign, (won, lost) in ((shown, 1, cells[0]), (~shown, -1, cells[1])):
                mine = group & (landmarks.accounts == account)
                error += sign * (converted[mine].sum() - mine.sum() * won / (won + lost)) * (1 / won + 1 / lost)
            total += error**2
        reach = 1.959963984540054 * math.sqrt(max(total * len(accounts) / (len(accounts) - 1), table.log_oddsratio_se**2))
        assert float(row["clustered_log_odds_high"] - row["log_odds"]) == pytest.approx(reach, abs=1e-9)


def test_the_clustered_interval_is_that_of_a_logistic_regression(sample, landmarks):
    """Up to the half rows that smooth the cells, which a regression does not have."""
    column = [signal["signal"] for signal in landmarks.signals].index("page_view")
    model = sm.Logit(landmarks.converted["opportunity_created"], sm.add_constant(landmarks.shown[:, column]))
    fitted = model.fit(disp=0, cov_type="cluster", cov_kwds={"groups": landmarks.accounts})
    ((low, high),) = sample.execute(
        "select clustered_log_odds_low, clustered_log_odds_high from signal_performance"
        " where signal = 'page_view' and outcome = 'opportunity_created'"
    ).fetchall()
    assert (float(low), float(high)) == pytest.approx(tuple(fitted.conf_int()[1]), abs=0.01)
    plain = model.fit(disp=0).conf_int()[1]
    assert high - low > 1.1 * (plain[1] - plain[0])


def test_opportunity_signals_predict_nothing_and_nothing_is_reviewed_yet(sample):
    stages = {row["signal"]: row["funnel_stage"] for row in rows_of(sample, "select * from rules.signals where is_active")}
    rows = rows_of(sample, "select * from signal_performance")
    assert {row["signal"] for row in rows} == {signal for signal, stage in stages.items() if stage != "opportunity"}
    assert len(rows) == 2 * len({row["signal"] for row in rows})
    reviewed = [row for row in rows if not row["suggestion"].startswith("not enough data")]
    assert len(reviewed) > 15
    for row in reviewed:
        assert row["suggestion"] == "not reviewed yet" and row["suggested_signal_points"] is None
        assert row["rate_with_low"] < row["rate_with"] < row["rate_with_high"]
        rate = (row["converted_with"] + row["converted_without"]) / (row["n_with"] + row["n_without"])
        assert float(row["lift"]) == pytest.approx(float(row["rate_with"]) / rate, abs=1e-9)


# --- the regression ---------------------------------------------------------------------------------------------------

def test_fits_are_those_of_statsmodels_and_of_a_plain_optimiser(landmarks):
    shown, _ = columns_of(landmarks)
    design, converted = shown[:, :6], landmarks.converted["opportunity_created"]
    flat = np.full(6, 1e4)
    fit = fit_logistic(design, converted, flat)
    model = sm.Logit(converted, sm.add_constant(design))
    plain = model.fit(disp=0, tol=1e-12)
    assert fit.coefficients == pytest.approx(plain.params, abs=1e-7)
    assert fit.log_likelihood == pytest.approx(plain.llf, abs=1e-7)
    assert independent_covariance(fit, flat) == pytest.approx(plain.cov_params(), abs=1e-7)
    clustered = model.fit(disp=0, tol=1e-12, cov_type="cluster", cov_kwds={"groups": landmarks.accounts, "use_correction": False})
    count = landmarks.accounts.max() + 1
    assert clustered_covariance(fit, landmarks.accounts) == pytest.approx(clustered.cov_params() * count / (count - 1), abs=1e-7)

    prior = np.array([0.1, 0.2, 0.5, 1, 2, 10])
    with_intercept = np.column_stack([np.ones(len(converted)), design])

    def loss(coefficients):
        scores = with_intercept @ coefficients
        return np.sum(np.logaddexp(0, scores) - converted * scores) + np.sum((coefficients[1:] / prior) ** 2) / 2

    optimum = minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-5})
    fit = fit_logistic(design, converted, prior)
    assert fit.coefficients == pytest.approx(optimum.x, abs=1e-4) and loss(fit.coefficients) <= optimum.fun
    # exactly at the top: the slope of the penalised likelihood is nothing
    slope = fit.design.T @ fit.residuals - np.concatenate([[0], fit.coefficients[1:] / prior**2])
    assert np.abs(slope).max() < 1e-6
    assert auc(converted, design @ prior) == pytest.approx(roc_auc_score(converted, design @ prior), abs=1e-12)
    assert auc(np.zeros(4), np.arange(4)) is None


def simulated(rows, true_points, shares, seed, scale=0.12, intercept=-3.0):
    """(shown, converted, accounts): three landmarks per account, outcomes from the true points and a trait of the account."""
    random = np.random.default_rng(seed)
    accounts = np.repeat(np.arange(rows // 3), 3)
    shown = (random.random((len(accounts), len(true_points))) < shares).astype(float)
    trait = random.normal(0, 0.5, rows // 3)[accounts]
    converted = (random.random(len(accounts)) < expit(intercept + scale * shown @ np.array(true_points) + trait)).astype(float)
    return shown, converted, accounts


POINTS = np.array([10.0, 5, 5, 5, 1, 1, 3, 8])
SHARES = np.array([0.1, 0.2, 0.3, 0.1, 0.5, 0.4, 0.2, 0.1])


def test_wrong_points_are_found_and_right_ones_left_alone():
    """One signal is worth twice its points and one nothing.

    Points are relative: were it not for the two changes being equal, all others would have to move a little as well.
    """
    truth = np.array([10.0, 0, 5, 10, 1, 1, 3, 8])
    proposed, covered = [], []
    for seed in range(10):
        shown, converted, accounts = simulated(15000, truth, SHARES, seed)
        fit = fit_points(shown, converted, POINTS, accounts, 0.5)
        texts = suggestions(fit, SimpleNamespace(is_better=True), POINTS, [False] * 8, 0.05)
        proposed += [place for place, text in enumerate(texts) if text == "change"]
        right = truth == POINTS
        covered += list(((fit.points_low <= truth) & (truth <= fit.points_high))[right])
    assert min(proposed.count(1), proposed.count(3)) >= 8
    assert sum(place not in (1, 3) for place in proposed) <= 3
    assert np.mean(covered) >= 0.85


def test_right_points_and_little_data_keep_the_points():
    """Shrinkage: what hardly any row shows stays where the playbook has it, however its few rows turned out."""
    shares = np.append(SHARES[:-1], 0.002)
    changes, moved, would_have_moved = 0, [], []
    for seed in range(20):
        shown, converted, accounts = simulated(3000, POINTS, shares, seed)
        fit = fit_points(shown, converted, POINTS, accounts, 0.5)
        changes += suggestions(fit, SimpleNamespace(is_better=True), POINTS, [False] * 8, 0.05).count("change")
        loose = fit_points(shown, converted, POINTS, accounts, 5)
        moved.append(abs(fit.log_odds - fit.scale * POINTS)[-1])
        would_have_moved.append(abs(loose.log_odds - loose.scale * POINTS)[-1])
    assert changes <= 3
    assert np.mean(moved) < np.mean(would_have_moved) / 2


def test_shuffled_outcomes_propose_nothing(landmarks):
    shown, points = columns_of(landmarks)
    early, late = time_split(landmarks.landmark_on, landmarks.horizon_ends_on, 0.3)
    without_scale = 0
    for seed in range(10):
        converted = np.random.default_rng(seed).permutation(landmarks.converted["opportunity_created"])
        fit = fit_points(shown, converted, points, landmarks.accounts, 0.5)
        test = judge_over_time(shown, converted, points, early, late, 0.5, 1, seed)
        assert "change" not in suggestions(fit, test, points, [False] * len(points), 0.05)
        without_scale += fit.points is None
    assert without_scale >= 8


def test_no_suggestion_without_a_scale_a_test_or_a_gain_and_none_for_our_own_acts():
    fit = SimpleNamespace(points=np.array([0.2, 9.0]), p_values=np.array([1e-9, 1e-9]))
    points, better, worse = np.array([5.0, 0.0]), SimpleNamespace(is_better=True), SimpleNamespace(is_better=False)
    assert suggestions(fit, better, points, [False, True], 0.05) == ["change", "keep: our own act"]
    assert set(suggestions(fit, worse, points, [False, True], 0.05)) == {"no suggestion: no better than the points on later landmarks"}
    assert set(suggestions(fit, None, points, [False, True], 0.05)) == {"no suggestion: too little data to test on later landmarks"}
    fit.points = None
    assert set(suggestions(fit, better, points, [False, True], 0.05)) == {"no suggestion: the points as a whole predict nothing"}
    assert list(proposed_points(np.array([5.0, 3, -4]), [4.5, -2.4, -2.4])) == [5, 0, -2]


def test_the_time_split_learns_from_outcomes_that_were_known(landmarks):
    early, late = time_split(landmarks.landmark_on, landmarks.horizon_ends_on, 0.3)
    assert early.any() and late.any() and not (early & late).any()
    assert landmarks.horizon_ends_on[early].max() <= landmarks.landmark_on[late].min()
    assert len(np.unique(landmarks.landmark_on[late])) == 3


def test_a_random_split_is_optimistic_where_the_past_says_nothing():
    """A trait of each account decides its outcomes, and what it shows names the account: a random split looks it up."""
    random = np.random.default_rng(3)
    accounts = np.tile(np.arange(200), 10)
    day = np.repeat(np.arange(10), 200)
    traits = {period: random.random(200) < 0.3 for period in (False, True)}
    shown = (random.random((200, 60)) < 0.3).astype(float)[accounts]
    converted = np.array([float(traits[late][account]) for account, late in zip(accounts, day >= 7)])
    test = judge_over_time(shown, converted, np.ones(60), day < 7, day >= 7, 2.0, 5, 1)
    assert abs(test.auc_of_fit - 0.5) < 0.12 and test.optimism > 0.1


# --- half-lives -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("true_half_life", [8, 25, 70])
def test_the_interval_covers_a_known_half_life_in_most_runs(true_half_life):
    """Rows as the command reads them: accounts on three overlapping landmarks, the latest of a signal ageing with them."""
    covered, bounded = [], []
    for seed in range(20):
        random = np.random.default_rng(1000 * true_half_life + seed)
        accounts = np.repeat(np.arange(2500), 3)
        first_age = np.where(random.random(2500) < 0.7, random.integers(0, 120, 2500), np.inf)
        age = first_age[accounts] + np.tile([0.0, 30.0, 60.0], 2500)
        age[age >= 180] = np.inf
        others = random.random(len(accounts))
        trait = random.normal(0, 0.5, 2500)[accounts]
        log_odds = -2.5 + others + 2 * decay(age, true_half_life, 30) + trait
        converted = (random.random(len(accounts)) < expit(log_odds)).astype(float)
        estimate = estimate_half_life(age, others, converted, accounts, 30)
        assert estimate.finding == "estimated"
        covered.append((estimate.low or 0) <= true_half_life <= (estimate.high or np.inf))
        bounded.append(estimate.high is not None and estimate.high < 5 * true_half_life)
    assert np.mean(covered) >= 0.88
    assert np.mean(bounded) >= 0.7


def test_a_signal_that_predicts_nothing_or_the_opposite_has_no_half_life():
    random = np.random.default_rng(0)
    age, accounts = random.integers(0, 180, 3000).astype(float), np.arange(3000)
    noise = (random.random(3000) < 0.2).astype(float)
    opposite = (random.random(3000) < expit(-1 - 2 * decay(age, 20, 30))).astype(float)
    for converted in (noise, opposite):
        estimate = estimate_half_life(age, np.zeros(3000), converted, accounts, 30)
        assert (estimate.days, estimate.low, estimate.high) == (None, None, None)
        assert estimate.finding == "no estimate: the signal alone predicts too little"


def test_the_curve_is_the_projects(sample):
    """decay() gives what macro decay_factor gives: the decay factors of the ledger."""
    rows = sample.execute(
        "select age_days, decay_factor, model_signals.half_life_days from intermediate.int_score_items as items"
        " inner join intermediate.int_scoring_model_signals as model_signals using (scoring_model, signal)"
        " where scoring_model = 'decayed'"
    ).fetchnumpy()
    assert len(rows["age_days"]) > 3000
    assert decay(rows["age_days"].astype(float), rows["half_life_days"].astype(float), 30) == pytest.approx(rows["decay_factor"], abs=1e-12)


# --- the whole review -------------------------------------------------------------------------------------------------

def run_review(connection, out):
    return "\n".join(review_signals.review(connection, SimpleNamespace(**vars(OPTIONS), out=out)))


def test_the_page_shows_what_the_sample_gives(sample, tmp_path):
    """docs/signal-review.md quotes the review of the sample line by line."""
    options = SimpleNamespace(**{**vars(OPTIONS), "random_splits": 20}, out=tmp_path)
    printed = "\n".join(review_signals.review(sample, options)).splitlines()
    page = (ROOT / "docs" / "signal-review.md").read_text().splitlines()
    assert len(printed) > 50
    assert [line for line in printed if line not in page and str(tmp_path) not in line] == []


def with_few_conversions(sample, folder, count):
    """A copy of the sample in which only so many of the accounts that converted have opportunities."""
    raw = folder / "raw"
    shutil.copytree(SAMPLE, raw)
    kept = {account for (account,) in sample.execute(
        "select distinct account_id from intermediate.int_landmark_accounts where opportunity_created = 1 order by 1 limit ?", [count]
    ).fetchall()}
    header, *lines = (raw / "crm_opportunities.csv").read_text().splitlines(keepends=True)
    (raw / "crm_opportunities.csv").write_text("".join([header, *[line for line in lines if line.split(",")[1] in kept]]))
    return raw


@pytest.mark.parametrize("count", [0, 1, 5])
def test_hardly_any_conversions_are_not_enough_data(compiled, sample, tmp_path, count):
    connection = compiled.run(with_few_conversions(sample, tmp_path, count), wanted=MARTS)
    converted = "select count(distinct account_id) from intermediate.int_landmark_accounts where opportunity_created = 1"
    assert connection.execute(converted).fetchone() == (count,)
    text = run_review(connection, tmp_path / "review")
    assert text.count("Not enough data for any signal.") == 2 and "Changes proposed: 0," in text
    assert read_csv(tmp_path / "review" / "signal_overrides.csv") == []
    for mart, column in (("signal_performance", "suggestion"), ("half_life_estimates", "finding")):
        assert all(row[column].startswith("not enough data: fewer than") for row in rows_of(connection, f"select * from {mart}"))
    # five accounts may be enough for a rate, but for nothing else
    if count < 5:
        assert all(row["log_odds"] is None and row["rate_with"] is None for row in rows_of(connection, "select * from signal_performance"))


def test_no_account_at_all_and_outcomes_without_exception_are_no_crash(compiled, sample, tmp_path):
    nobody = compiled.run({}, as_of="2026-05-31", wanted=(*MARTS, "band_stability"))
    assert "Changes proposed: 0," in run_review(nobody, tmp_path)
    assert rows_of(nobody, "select * from band_stability") == []
    sample.execute("begin; update intermediate.int_landmark_accounts set opportunity_created = 1")
    try:
        assert "Changes proposed: 0," in run_review(sample, tmp_path)
    finally:
        sample.execute("rollback")


@pytest.fixture(scope="module")
def generated(compiled, tmp_path_factory):
    """A company four times the sample, and what drives its events."""
    folder = generate(tmp_path_factory.mktemp("generated"), "--accounts", "1000", "--contacts", "4000", "--events", "160000", "--days", "560")
    return folder, compiled.run(folder, wanted=MARTS)


def test_the_strongest_hidden_drivers_come_out_on_top(generated):
    """How much likelier intent makes an event is its true weight; odds and fitted points rank the signals like that."""
    folder, connection = generated
    landmarks = review_signals.read_landmarks(connection)
    shown, _ = columns_of(landmarks)
    # all points equal, so that nothing of the playbook's wisdom is in the result
    equal = np.full(shown.shape[1], 5.0)
    fit = fit_points(shown, landmarks.converted["opportunity_created"], equal, landmarks.accounts, 0.5)
    fitted = dict(zip(np.array([row["signal"] for row in landmarks.signals])[landmarks.reviewable["opportunity_created"]], fit.points))
    signal_of = {
        ("web_events", "/pricing"): "pricing_page", ("web_events", "/product/"): "product_page", ("content_events", "demo"): "demo_request",
        ("content_events", "case study"): "case_study_request", ("content_events", "ebook"): "content_download",
    }
    same_name = {
        "click": "email_click", "reply": "email_reply", "open": "email_open", "trial_started": "trial_started", "message_response": "linkedin_message_response",
        "meeting_scheduled": "meeting_scheduled", "meeting_held": "meeting_held", "form_submit": "form_submit", "teammate_invited": "teammate_invited",
        "document_download": "document_download", "webinar_registered": "webinar_registered", "webinar_attended": "webinar_attended",
        "profile_view": "linkedin_profile_view", "post_engagement": "linkedin_engagement", "connection_accepted": "linkedin_connection", "surge": "intent_surge",
    }
    drivers = {}
    for row in read_csv(folder / "truth" / "event_kinds.csv"):
        name = signal_of.get((row["raw_table"], row["detail"])) or (same_name.get(row["event_type"]) if row["raw_table"] != "ad_events" else None)
        if name:
            drivers[name] = float(row["weight_at_intent_1"]) / float(row["weight_without_intent"])
    points = {name: value for name, value in fitted.items() if name in drivers}
    alone = dict(connection.execute(
        "select signal, cast(log_odds as double) from intermediate.int_signal_conversions where outcome = 'opportunity_created'"
    ).fetchall())
    assert len(points) >= 15
    names = list(points)
    strength = [drivers[name] for name in names]
    assert spearmanr(strength, [alone[name] for name in names]).statistic > 0.8
    assert spearmanr(strength, [points[name] for name in names]).statistic > 0.5
    strongest = [name for name in names if drivers[name] >= 8]
    weakest = [name for name in names if drivers[name] < 2.5]
    assert len(strongest) >= 4 and len(weakest) >= 4
    assert min(alone[name] for name in strongest) > max(alone[name] for name in weakest)
    assert np.mean([points[name] for name in strongest]) > 1.5 * np.mean([points[name] for name in weakest])
