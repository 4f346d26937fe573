"""The review in companies of which the truth is known: it takes months for months, and says nothing that is not there."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from engagement.review.conversions import compare, ratio
from engagement.review.forecast import expect
from engagement.review.half_lives import Events, decayed_sum, estimate_half_life, without_chance
from engagement.review.points import review_points
from engagement.review.ranking import auc_difference, auc_within
from engagement.review.results import Settings
from engagement.review.tables import clean
from worlds import POINTS, TRENDS, backtest, shuffled, world

OUTCOME = "opportunity_created"


def proposals(world):
    fits, _ = review_points(world, OUTCOME)
    return [fit for fit in fits if fit.proposed is not None]


@pytest.mark.parametrize("trend", TRENDS)
def test_outcomes_shuffled_within_landmarks_propose_nothing(trend):
    """Months differ in outcomes and in signals, accounts do not: at most one review of 20 proposes anything."""
    made = world(trend, 1)
    proposing = 0
    for seed in range(40):
        outcomes = shuffled(made.converted[OUTCOME], made.landmarks, seed)
        proposing += bool(proposals(replace(made, converted={**made.converted, OUTCOME: outcomes})))
    assert proposing <= 2


@pytest.mark.parametrize("trend", TRENDS)
def test_intervals_cover_the_ranking_and_the_ratio_within_landmarks(trend):
    """The truth is that of the same company with very many accounts. What pools the landmarks is far from it."""
    large = world(trend, 99, accounts=20_000)
    auc = auc_within(large.score, large.converted[OUTCOME], large.landmarks, large.accounts).value
    risk_ratio = ratio(large.score >= 15, large.converted[OUTCOME], large.landmarks, large.accounts).value
    covered = []
    for seed in range(100):
        made = world(trend, seed)
        rows = made.converted[OUTCOME], made.landmarks, made.accounts
        estimates = (auc_within(made.score, *rows), auc), (ratio(made.score >= 15, *rows), risk_ratio)
        covered.append([estimate.low <= truth <= estimate.high for estimate, truth in estimates])
    assert (np.mean(covered, axis=0) >= 0.93).all()
    assert abs(roc_auc_score(large.converted[OUTCOME], large.score) - auc) > 0.05


@pytest.mark.parametrize("landmarks", [1, 4])
def test_the_interval_of_a_ranking_holds_with_as_few_conversions_as_are_published(landmarks):
    """Five accounts convert, and score 0.8 standard deviations higher."""
    covered, truth = [], norm.cdf(0.8 / np.sqrt(2))
    landmark, account = np.repeat(np.arange(landmarks), 200), np.tile(np.arange(200), landmarks)
    for seed in range(400):
        random = np.random.default_rng(seed)
        warmth = random.normal(0, 0.8, 200) + np.where(np.arange(200) < Settings().min_conversions, 0.8, 0)
        scores = warmth[account] + random.normal(0, 0.6, len(account))
        converted = (account < Settings().min_conversions) & (random.random(len(account)) < (1 if landmarks == 1 else 0.6))
        found = auc_within(scores, converted.astype(float), landmark, account)
        covered.append(found.low <= truth <= found.high)
    assert np.mean(covered) >= 0.92


def test_two_scores_that_are_worth_the_same_differ_by_nothing_in_most_worlds():
    covered = []
    for seed in range(100):
        made = world("season", seed)
        random = np.random.default_rng(seed)
        one, other = (made.score + random.normal(0, 5, len(made.score)) for _ in range(2))
        difference = auc_difference(one, other, made.converted[OUTCOME], made.landmarks, made.accounts)
        covered.append(difference.low <= 0 <= difference.high)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)


def test_wrong_points_are_found_and_right_ones_left_alone():
    """One signal is worth nothing, one more than twice its points."""
    truth = POINTS.copy()
    truth[1], truth[3] = 0, 12
    found = [{fit.signal for fit in proposals(world("season", seed, accounts=1500, truth=truth))} for seed in range(8)]
    assert sum("signal_1" in names and "signal_3" in names for names in found) >= 5
    assert sum(len(names - {"signal_1", "signal_3"}) for names in found) <= 4


def test_right_points_stay():
    assert sum(len(proposals(world(trend, seed))) for trend in TRENDS for seed in range(5)) <= 1


def events_of(random, accounts, landmarks):
    """Events of accounts that engage more or less, over two years before and between monthly landmarks."""
    counts = random.poisson(3 * random.gamma(1, 1, accounts))
    account, day = np.repeat(np.arange(accounts), counts), random.integers(0, 600 + 30 * landmarks, counts.sum())
    known = [day <= 600 + 30 * landmark for landmark in range(landmarks)]
    rows = [landmark * accounts + account[some] for landmark, some in enumerate(known)]
    ages = [600 + 30 * landmark - day[some] for landmark, some in enumerate(known)]
    return Events(np.concatenate(rows), np.concatenate(ages).astype(float), np.ones(sum(map(np.sum, known))))


@pytest.mark.parametrize("true_half_life", [8, 25, 90])
def test_a_known_half_life_of_the_decayed_sum_is_recovered(true_half_life):
    """All events add up, as in the score; old ones are there and base rates differ between landmarks."""
    covered, estimates = [], []
    for seed in range(15):
        random = np.random.default_rng(1000 * true_half_life + seed)
        accounts, landmarks = 1000, 4
        events = events_of(random, accounts, landmarks)
        landmark, account = np.repeat(np.arange(landmarks), accounts), np.tile(np.arange(accounts), landmarks)
        others, trait = random.random(len(account)), random.normal(0, 0.5, accounts)
        left = decayed_sum(events, len(account), true_half_life, 30)
        log_odds = np.array([-3, -2.2, -1.6, -2.5])[landmark] + others + 0.9 * left + trait[account]
        converted = (random.random(len(account)) < expit(log_odds)).astype(float)
        found = estimate_half_life(events, others, converted, landmark, account, 30)
        covered.append(found.days is not None and (found.low or 0) <= true_half_life <= (found.high or np.inf))
        estimates.append(found.days or np.nan)
    assert np.mean(covered) >= 0.9
    assert np.nanmedian(estimates) == pytest.approx(true_half_life, rel=0.25)


def test_a_signal_that_says_nothing_or_the_opposite_has_no_half_life():
    random = np.random.default_rng(0)
    for effect in (0, -1):
        events = events_of(random, 600, 3)
        landmark, account = np.repeat(np.arange(3), 600), np.tile(np.arange(600), 3)
        log_odds = -2 + effect * decayed_sum(events, len(account), 30, 30)
        converted = (random.random(len(account)) < expit(log_odds)).astype(float)
        found = estimate_half_life(events, np.zeros(len(account)), converted, landmark, account, 30)
        assert found.days is None and found.finding.startswith("no estimate")


def test_of_many_signals_that_say_nothing_hardly_any_gets_a_half_life():
    """One of 20 looks clear by itself, so a review of 30 signals would nearly always show one."""
    estimates = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        events, traits = events_of(random, 400, 6), random.normal(0, 0.7, 400)
        landmark, account = np.repeat(np.arange(6), 400), np.tile(np.arange(400), 6)
        converted = (random.random(len(account)) < expit(-2 + traits[account])).astype(float)
        estimates.append(estimate_half_life(events, np.zeros(len(account)), converted, landmark, account, 30))
    reviews = [without_chance(estimates[start:start + 30], 0.05) for start in (0, 30)]
    assert sum(found.days is not None for found in estimates) > 1
    assert not [found for review in reviews for found in review if found.days is not None]
    # one that is clear stays
    clear = replace(estimates[0], days=25.0, finding="estimated", p_value=1e-5)
    assert without_chance([clear, *estimates[1:30]], 0.05)[0] is clear and without_chance([], 0.05) == []


def is_number(value):
    return value is None or isinstance(value, (str, bool)) or np.isfinite(value)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_input_makes_a_number_that_is_none(data):
    """Few rows, one landmark, one account, no or all accounts converted, signals that all, no or the same rows show."""
    landmarks = data.draw(st.integers(1, 6), "landmarks")
    accounts = data.draw(st.integers(1, 60), "accounts")
    signals = data.draw(st.integers(1, 4), "signals")
    random = np.random.default_rng(data.draw(st.integers(0, 1000), "seed"))
    landmark, account = np.repeat(np.arange(landmarks), accounts), np.tile(np.arange(accounts), landmarks)
    shown = (random.random((len(landmark), signals)) < data.draw(st.sampled_from([0, 0.1, 0.5, 1]), "share")).astype(float)
    if data.draw(st.booleans(), "always together"):
        shown[:] = shown[:, :1]
    points = np.array(data.draw(st.lists(st.sampled_from([0.0, 1, 5, -3, 100]), min_size=signals, max_size=signals), "points"))
    kind = data.draw(st.sampled_from(["chance", "nobody", "everybody", "exactly the signal"]), "outcomes")
    converted = {
        "chance": (random.random(len(landmark)) < 0.3), "nobody": np.zeros(len(landmark)), "everybody": np.ones(len(landmark)),
        "exactly the signal": shown[:, 0],
    }[kind].astype(float)
    made = replace(
        backtest(landmark, account, converted, shown, points), min_accounts=data.draw(st.sampled_from([1, 20]), "enough")
    )
    fits, test = review_points(made, OUTCOME, min_converted_accounts=1)
    found = [value for fit in fits for value in vars(fit).values()] + list(vars(test).values() if test else [])
    for estimate in (
        auc_within(made.score, converted, landmark, account), auc_difference(made.score, -made.score, converted, landmark, account),
        *(value for value in vars(compare(shown[:, 0] == 1, converted, landmark, account)).values() if hasattr(value, "low")),
        expect(np.array(["Hot"] * 5), np.where(shown[:, 0] == 1, "Hot", "Cold"), converted, landmark, account),
    ):
        found += vars(estimate).values()
    assert all(is_number(value) for value in found), found
    assert all(is_number(clean(value)) for value in [*found, float("nan"), np.float64("-inf"), 1e300])
    rounded = [fit.proposed for fit in fits if fit.proposed is not None]
    assert all(value == int(value) for value in rounded)


def test_one_signal_cannot_be_told_apart_from_the_scale():
    """With one signal its points are the scale; an interval would be of rounding errors."""
    random = np.random.default_rng(2)
    landmark, account = np.repeat(np.arange(4), 300), np.tile(np.arange(300), 4)
    shown = (random.random((1200, 3)) < 0.3).astype(float)
    converted = (random.random(1200) < 0.1 + 0.3 * shown[:, 0]).astype(float)
    settings = {"is_own_act": [False, True, True], "channel": ["web"] * 3}
    fits, _ = review_points(backtest(landmark, account, converted, shown, np.array([5.0, 0, 0]), **settings), OUTCOME)
    assert [fit.finding for fit in fits] == ["no suggestion: cannot be told apart from the scale"] + 2 * ["keep: outbound activity"]
    # two signals that are always shown together share their points in any way
    shown[:, 1] = shown[:, 0]
    settings = {"is_own_act": [False] * 3, "channel": ["web"] * 3}
    fits, _ = review_points(backtest(landmark, account, converted, shown, np.array([5.0, 5, 1]), **settings), OUTCOME)
    assert [fit.finding for fit in fits[:2]] == [f"no suggestion: shown together with signal_{other}" for other in (1, 0)]
    assert fits[0].suggested is fits[0].low is None
