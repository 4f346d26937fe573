"""The landmark backtest: its statistics are those of scipy, statsmodels and scikit-learn on the same rows, it uses nothing
from after a landmark, and it says so when there is too little data."""

import datetime as dt
from collections import defaultdict
from math import sqrt

import numpy
import pytest
from scipy.stats import spearmanr
from scipy.stats.contingency import relative_risk
from sklearn.metrics import precision_recall_fscore_support, roc_auc_score
from statsmodels.duration.survfunc import SurvfuncRight
from statsmodels.stats.proportion import proportion_confint

from harness import ROOT, SAMPLE, read_csv

EPSILON = 1e-9
BANDS = [("Cold", 0), ("Warm", 11), ("Hot", 26), ("Very Hot", 51)]
OUTCOMES = ("opportunity_created", "won")
MARTS = ("conversion_by_band", "conversion_by_decile", "ranking_quality", "threshold_performance", "conversion_questions", "scoring_model_comparison",
         "calibration_by_decile", "pipeline_forecast")


def dicts(connection, sql):
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def landmark_rows(rows):
    """A select of `int_landmark_accounts`: rows of (landmark, account, scoring model, score, opportunity created, won)."""
    values = ", ".join(
        f"(date '2025-01-31' + {landmark}, '{account}', '{model}', {score}::decimal(18, 6), {created}, {won})"
        for landmark, account, model, score, created, won in rows
    ) or "(null, null, null, null, null, null)"
    bands = " ".join(f"when score >= {bound} then '{band}'" for band, bound in reversed(BANDS))
    return f"""
        select
            landmark_on::date as landmark_on, landmark_on::date + 90 as horizon_ends_on, account_id::varchar as account_id,
            scoring_model::varchar as scoring_model, score::decimal(38, 15) as score_raw, floor(score)::int as score,
            case {bands} end as band,
            ntile(10) over (partition by landmark_on, scoring_model order by score desc)::int as decile,
            score::decimal(18, 6) as rank_score,
            opportunity_created::int as opportunity_created, won::int as won,
            case when opportunity_created = 1 then 9 end as days_to_opportunity,
            (opportunity_created * 1000)::decimal(38, 2) as amount_usd
        from (values {values}) as rows (landmark_on, account_id, scoring_model, score, opportunity_created, won)
        where landmark_on is not null
    """


def backtest(compiled, rows, wanted=MARTS, models=None):
    """A connection with `wanted`, built from rows of the landmark backtest instead of raw data."""
    seeds = None
    if models:
        (first, *_) = compiled.default_seeds["scoring_models"]
        seeds = {"scoring_models": [{**first, "scoring_model": name, "is_primary": str(name == models[0])} for name in models]}
    return compiled.run({}, seeds, "2026-05-31", wanted=wanted, given={"int_landmark_accounts": landmark_rows(rows)})


def random_rows(seed, accounts=80, landmarks=5, models=("decayed", "playbook")):
    """Accounts that stand at several landmarks, with scores and outcomes of their own and many equal scores."""
    random = numpy.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        warmth = random.normal()
        for landmark in range(random.integers(1, landmarks + 1)):
            created = int(random.random() < 1 / (1 + numpy.exp(2 - warmth)))
            won = int(created and random.random() < 0.4)
            for model in models:
                score = max(0, round(random.choice([1, 5]) * random.poisson(4 * numpy.exp(warmth / 2)) + random.choice([0, 0.5]), 1))
                rows.append((30 * landmark, f"a{account}", model, score, created, won))
    return rows


def by_outcome(rows):
    """{(scoring model, outcome): [(account, score, converted)]}"""
    groups = defaultdict(list)
    for _, account, model, score, created, won in rows:
        groups[model, "opportunity_created"].append((account, score, created))
        groups[model, "won"].append((account, score, won))
    return groups


def rows_of(connection):
    return [
        (landmark, account, model, float(score), created, won) for landmark, account, model, score, created, won in connection.execute(
            "select landmark_on, account_id, scoring_model, rank_score, opportunity_created, won"
            " from intermediate.int_landmark_accounts"
        ).fetchall()
    ]


@pytest.fixture(scope="module")
def sample_backtest(compiled):
    return compiled.run(SAMPLE, wanted=MARTS)


@pytest.fixture(scope="module", params=["sample", 1, 2, 3])
def any_backtest(request, compiled):
    return request.getfixturevalue("sample_backtest") if request.param == "sample" else backtest(compiled, random_rows(request.param))


def test_rates_lifts_and_risk_ratios_are_those_of_statsmodels_and_scipy(any_backtest):
    rows = dicts(any_backtest, "from main.conversion_by_band") + dicts(any_backtest, "from main.conversion_by_decile")
    checked = 0
    for row in rows:
        if row["verdict"] != "enough data":
            assert row["rate"] is row["rate_low"] is row["lift"] is row["risk_ratio"] is row["risk_ratio_high"] is None
            continue
        group = "band" if "band" in row else "decile"
        others = [other for other in rows if group in other and all(other[key] == row[key] for key in ("scoring_model", "outcome"))]
        n, converted = sum(other["n"] for other in others), sum(other["converted"] for other in others)
        low, high = proportion_confint(row["converted"], row["n"], method="wilson")
        assert float(row["rate"]) == pytest.approx(row["converted"] / row["n"], abs=EPSILON)
        assert (float(row["rate_low"]), float(row["rate_high"])) == (pytest.approx(low, abs=EPSILON), pytest.approx(high, abs=EPSILON))
        assert row["clustered_rate_low"] <= row["rate_low"] and row["clustered_rate_high"] >= row["rate_high"]
        assert float(row["base_rate"]) == pytest.approx(converted / n, abs=EPSILON)
        assert float(row["lift"]) == pytest.approx(row["converted"] / row["n"] / (converted / n), abs=EPSILON)
        expected = relative_risk(row["converted"], row["n"], converted - row["converted"], n - row["n"])
        assert float(row["risk_ratio"]) == pytest.approx(expected.relative_risk, abs=EPSILON)
        if row["converted"] and converted > row["converted"]:
            interval = expected.confidence_interval(0.95)
            assert float(row["risk_ratio_low"]) == pytest.approx(interval.low, abs=EPSILON)
            assert float(row["risk_ratio_high"]) == pytest.approx(interval.high, abs=EPSILON)
            checked += 1
    assert checked >= 20


def test_the_clustered_interval_is_that_of_the_effective_number_of_rows(any_backtest):
    """The design effect of a rate, worked out account by account."""
    for row in dicts(any_backtest, "from main.conversion_by_band where verdict = 'enough data'"):
        accounts = any_backtest.execute(
            "select count(*), sum(converted) from intermediate.int_landmark_outcomes"
            " where scoring_model = ? and outcome = ? and band = ? group by account_id", [row["scoring_model"], row["outcome"], row["band"]],
        ).fetchall()
        rate, m = row["converted"] / row["n"], len(accounts)
        assert m == row["accounts"]
        if rate in (0, 1):
            effective = m
        else:
            variance = m / (m - 1) * sum((converted - rate * n) ** 2 for n, converted in accounts) / row["n"] ** 2
            effective = row["n"] / max(1, variance / (rate * (1 - rate) / row["n"]))
        low, high = proportion_confint(rate * effective, effective, method="wilson")
        assert float(row["clustered_rate_low"]) == pytest.approx(low, abs=EPSILON)
        assert float(row["clustered_rate_high"]) == pytest.approx(high, abs=EPSILON)


def test_without_conversions_on_one_side_both_sides_get_half_a_conversion(compiled):
    rows = [(0, f"hot{n}", "decayed", 60, int(n < 6), 0) for n in range(30)] + [(0, f"cold{n}", "decayed", 1, 0, 0) for n in range(40)]
    bands = {row["band"]: row for row in dicts(backtest(compiled, rows), """
        from main.conversion_by_band where scoring_model = 'decayed' and outcome = 'opportunity_created'""")}
    assert (bands["Very Hot"]["risk_ratio"], bands["Cold"]["risk_ratio"]) == (None, 0)
    for band, (a, n, c, m) in {"Very Hot": (6, 30, 0, 40), "Cold": (0, 40, 6, 30)}.items():
        log_ratio = numpy.log((a + 0.5) / (n + 0.5)) - numpy.log((c + 0.5) / (m + 0.5))
        reach = 1.959963984540054 * sqrt(1 / (a + 0.5) - 1 / (n + 0.5) + 1 / (c + 0.5) - 1 / (m + 0.5))
        assert float(bands[band]["risk_ratio_low"]) == pytest.approx(numpy.exp(log_ratio - reach), abs=EPSILON)
        assert float(bands[band]["risk_ratio_high"]) == pytest.approx(numpy.exp(log_ratio + reach), abs=EPSILON)


def obuchowski(rows):
    """(AUC, variance) of [(account, score, converted)] by comparing each pair; of two such lists in a tuple, of the difference."""
    first, second = rows if isinstance(rows, tuple) else (rows, None)
    terms = []
    for part in filter(None, (first, second)):
        converted = numpy.array([row[2] for row in part])
        scores = numpy.array([row[1] for row in part], dtype=float)
        wins = (scores[:, None] > scores[None, :]) + 0.5 * (scores[:, None] == scores[None, :])
        positives, negatives = converted == 1, converted == 0
        auc = wins[numpy.ix_(positives, negatives)].mean()
        of_positives, of_negatives = wins[:, negatives].mean(axis=1), wins[positives, :].mean(axis=0)
        terms.append((auc, numpy.where(positives, of_positives - auc, 0), numpy.where(negatives, of_negatives - auc, 0)))
    auc, of_positives, of_negatives = terms[0] if second is None else [a - b for a, b in zip(*terms)]
    accounts = numpy.array([row[0] for row in first])
    names = sorted(set(accounts))
    x = numpy.array([of_positives[accounts == name].sum() for name in names]) / positives.sum()
    y = numpy.array([of_negatives[accounts == name].sum() for name in names]) / negatives.sum()

    def unbiased(count):
        return count / (count - 1)

    variance = (
        unbiased(len(set(accounts[positives]))) * (x @ x) + unbiased(len(set(accounts[negatives]))) * (y @ y)
        + 2 * unbiased(len(names)) * (x @ y)
    )
    return auc, variance


def test_auc_is_that_of_scikit_learn_and_its_interval_that_of_obuchowski(any_backtest):
    groups = by_outcome(rows_of(any_backtest))
    quality = {(row["scoring_model"], row["outcome"]): row for row in dicts(any_backtest, "from main.ranking_quality")}
    assert quality.keys() == groups.keys()
    for key, rows in groups.items():
        row = quality[key]
        auc, variance = obuchowski(rows)
        assert row["verdict"] == "enough data"
        assert float(row["auc"]) == pytest.approx(roc_auc_score([r[2] for r in rows], [r[1] for r in rows]), abs=EPSILON)
        assert float(row["auc"]) == pytest.approx(auc, abs=EPSILON)
        assert float(row["auc_low"]) == pytest.approx(max(0, auc - 1.959963984540054 * sqrt(variance)), abs=EPSILON)
        assert float(row["auc_high"]) == pytest.approx(min(1, auc + 1.959963984540054 * sqrt(variance)), abs=EPSILON)


def test_the_auc_interval_is_as_wide_as_one_from_resampling_accounts(compiled):
    """Accounts that stand in eight rows each, all with one outcome: rows as good as copies must not narrow the interval."""
    random = numpy.random.default_rng(5)
    rows = []
    for account in range(60):
        warmth, created = random.normal(), int(random.random() < 0.4)
        rows += [(30 * n, f"a{account}", "decayed", round(20 + 5 * warmth + 4 * created + random.random(), 2), created, 0) for n in range(8)]
    row = dicts(backtest(compiled, rows), "from main.ranking_quality where scoring_model = 'decayed' and outcome = 'opportunity_created'")[0]
    ours = float(row["auc_high"] - row["auc_low"]) / 2 / 1.959963984540054
    by_account = [rows[8 * n:8 * n + 8] for n in range(60)]
    aucs = []
    for _ in range(400):
        drawn = [row for n in random.integers(0, 60, 60) for row in by_account[n]]
        aucs.append(roc_auc_score([row[4] for row in drawn], [row[3] for row in drawn]))
    assert ours == pytest.approx(numpy.std(aucs), rel=0.15)
    taken_as_independent = sqrt(obuchowski([(n, row[3], row[4]) for n, row in enumerate(rows)])[1])
    assert ours > 2 * taken_as_independent


def test_a_score_that_says_nothing_has_an_auc_interval_around_one_half(compiled):
    """Outcomes shuffled between accounts, 200 times: about 95 of 100 intervals hold 0.5."""
    random = numpy.random.default_rng(11)
    models = [f"shuffle_{n}" for n in range(200)]
    scores = [[round(20 + 10 * random.normal(), 1) for _ in range(3)] for _ in range(60)]
    outcomes = [[int(random.random() < 0.3)] * 3 for _ in range(60)]
    rows = []
    for model in models:
        for account, (own_scores, own_outcomes) in enumerate(zip(scores, [outcomes[n] for n in random.permutation(60)])):
            rows += [(30 * n, f"a{account}", model, max(0, own_scores[n]), own_outcomes[n], 0) for n in range(3)]
    (hits,) = backtest(compiled, rows, ("ranking_quality",), models).execute(
        "select count(*) from main.ranking_quality where outcome = 'opportunity_created' and 0.5 between auc_low and auc_high"
    ).fetchone()
    assert 180 <= hits <= 199


def test_precision_and_recall_are_those_of_scikit_learn(any_backtest):
    outcomes = dicts(any_backtest, "select scoring_model, outcome, score, converted from intermediate.int_landmark_outcomes")
    checked = 0
    for row in dicts(any_backtest, "from main.threshold_performance where verdict = 'enough data'"):
        rows = [other for other in outcomes if all(other[key] == row[key] for key in ("scoring_model", "outcome"))]
        converted = [other["converted"] for other in rows]
        above = [int(other["score"] >= row["threshold"]) for other in rows]
        precision, recall, f1, _ = precision_recall_fscore_support(converted, above, average="binary", zero_division=0)
        low, high = proportion_confint(row["converted"], row["n"], method="wilson")
        for name, expected in {"precision_rate": precision, "recall": recall, "f1": f1, "precision_low": low, "precision_high": high}.items():
            assert float(row[name]) == pytest.approx(expected, abs=EPSILON), (row, name)
        checked += 1
    assert checked >= 20


def test_alerts_a_week_are_counted_day_by_day(sample_backtest):
    histories = defaultdict(list)
    for account, score in sample_backtest.execute("""
        select history.account_id, history.score
        from main.account_score_history as history
        join staging.stg_crm__accounts as accounts
            on history.account_id = accounts.account_id and history.score_date >= accounts.created_at::date
        left join (select account_id, min(closed_on) as won_on from intermediate.int_opportunities where outcome = 'won' group by 1) as wins
            on history.account_id = wins.account_id
        where history.scoring_model = 'decayed' and (wins.won_on is null or history.score_date < wins.won_on)
        order by history.account_id, history.score_date""").fetchall():
        histories[account].append(score)
    volumes = dict(sample_backtest.execute(
        "select threshold, alerts_per_week from main.threshold_performance where scoring_model = 'decayed' and outcome = 'won'").fetchall())
    assert sorted(volumes) == list(range(101))
    for threshold in (0, 1, 25, 40, 50, 100):
        crossings = sum(before < threshold <= after for scores in histories.values() for before, after in zip(scores, scores[1:]))
        assert float(volumes[threshold]) == pytest.approx(crossings * 7 / 399, abs=EPSILON)


def test_answers_are_worked_out_account_by_account(sample_backtest):
    """Risk ratios as in scipy, their wider interval from the sum of each account's rows, and the sentence from both."""
    scores = sample_backtest.execute(
        "select account_id, landmark_on, score, converted from intermediate.int_landmark_outcomes"
        " where scoring_model = 'decayed' and outcome = 'opportunity_created'").fetchall()
    crossed = defaultdict(set)
    for account, day, before, after in sample_backtest.execute(
        "select account_id, score_date, score_before, score from intermediate.int_score_rises where scoring_model = 'decayed'").fetchall():
        for threshold in (25, 40, 50):
            if before < threshold <= after:
                crossed[account, threshold].add(day)
    newest = max(landmark for _, landmark, _, _ in scores)
    first_day = dt.date(2026, 5, 31) - dt.timedelta(days=399)
    answers = dicts(sample_backtest, """
        from main.conversion_questions where scoring_model = 'decayed' and outcome = 'opportunity_created' order by all""")
    assert len(answers) == 9
    for row in answers:
        kind, threshold = row["question_kind"], row["threshold"]
        sums = defaultdict(lambda: [0, 0, 0, 0])
        for account, landmark, score, converted in scores:
            window = (landmark - dt.timedelta(days=90), landmark)
            if kind != "above_threshold" and (window[0] < first_day or (kind.endswith("newest_landmark") and landmark != newest)):
                continue
            exposed = score >= threshold if kind == "above_threshold" else any(window[0] < day <= landmark for day in crossed[account, threshold])
            sums[account][0 if exposed else 2] += 1
            sums[account][1 if exposed else 3] += converted
        n, a, m, b = (sum(column) for column in zip(*sums.values()))
        assert (row["n"], row["converted"], row["other_n"], row["other_converted"]) == (n, a, m, b)
        if row["verdict"] != "enough data":
            assert row["answer"] == f"N{row['verdict'][1:]}." and row["risk_ratio"] is row["clustered_risk_ratio_low"] is None
            continue
        expected = relative_risk(a, n, b, m)
        residuals = [(y / a - x / n) - (v / b - u / m) for x, y, u, v in sums.values()]
        reach = 1.959963984540054 * sqrt(sum(r * r for r in residuals) * len(sums) / (len(sums) - 1))
        for name, value in {
            "risk_ratio": expected.relative_risk,
            "risk_ratio_low": expected.confidence_interval(0.95).low, "risk_ratio_high": expected.confidence_interval(0.95).high,
            "clustered_risk_ratio_low": expected.relative_risk * numpy.exp(-reach),
            "clustered_risk_ratio_high": expected.relative_risk * numpy.exp(reach),
            "other_rate": b / m, "other_rate_low": proportion_confint(b, m, method="wilson")[0],
        }.items():
            assert float(row[name]) == pytest.approx(value, abs=EPSILON), name
        assert row["answer"].startswith(f"{100 * a / n:.1f} % ({a} of {n}; 95 % interval ")
        verdict = "more" if row["clustered_risk_ratio_low"] > 1 else "less" if row["clustered_risk_ratio_high"] < 1 else "no clear difference"
        assert f"That is {verdict}: {a / n / (b / m):.2f} times as often, 95 % interval {row['clustered_risk_ratio_low']:.2f} to " in row["answer"]


def test_scoring_models_are_compared_on_the_same_rows(any_backtest):
    """Differences and their intervals, worked out pair by pair and account by account."""
    compared = {(row["measure"], row["detail"]): row for row in dicts(any_backtest, "from main.scoring_model_comparison")}
    groups = by_outcome(rows_of(any_backtest))
    top = dict(((model, outcome), rows) for model, outcome, rows in any_backtest.execute("""
        select scoring_model, outcome, list((account_id, (decile = 1)::int, converted)) from intermediate.int_landmark_outcomes group by 1, 2
    """).fetchall())
    for outcome in OUTCOMES:
        # the rows of both models in the same order
        of_primary, of_other = (sorted(rows_of_model(any_backtest, model, outcome)) for model in ("decayed", "playbook"))
        difference, variance = obuchowski(([row[1:] for row in of_other], [row[1:] for row in of_primary]))
        expected = {"auc": (obuchowski(groups["decayed", outcome])[0], difference, variance)}
        residuals, rates = defaultdict(float), {}
        for model, sign in (("decayed", -1), ("playbook", 1)):
            rows = top[model, outcome]
            n = sum(is_top for _, is_top, _ in rows)
            rates[model] = sum(is_top * converted for _, is_top, converted in rows) / n
            for account, is_top, converted in rows:
                residuals[account] += sign * is_top * (converted - rates[model]) / n
        m = len(residuals)
        expected["top_decile_rate"] = (
            rates["decayed"], rates["playbook"] - rates["decayed"], m / (m - 1) * sum(r * r for r in residuals.values())
        )
        for measure, (value, difference, variance) in expected.items():
            row = compared[measure, outcome]
            reach = 1.959963984540054 * sqrt(variance)
            assert float(row["primary_value"]) == pytest.approx(value, abs=EPSILON)
            assert float(row["difference"]) == pytest.approx(difference, abs=EPSILON)
            assert float(row["difference_low"]) == pytest.approx(difference - reach, abs=EPSILON)
            assert float(row["difference_high"]) == pytest.approx(difference + reach, abs=EPSILON)


def rows_of_model(connection, model, outcome):
    return [(landmark, account, score, converted) for landmark, account, other, score, *converted in rows_of(connection)
            if other == model for converted in [converted[OUTCOMES.index(outcome)]]]


def test_rank_correlation_is_that_of_scipy(sample_backtest):
    scores = sample_backtest.execute("""
        select round(one.score_raw, 6)::double, round(other.score_raw, 6)::double
        from intermediate.int_account_scores as one
        join intermediate.int_account_scores as other using (account_id)
        join intermediate.int_prospect_accounts using (account_id)
        where one.scoring_model = 'decayed' and other.scoring_model = 'playbook'""").fetchall()
    (value,) = sample_backtest.execute(
        "select value from main.scoring_model_comparison where measure = 'rank_correlation'").fetchone()
    assert float(value) == pytest.approx(spearmanr(*zip(*scores)).statistic, abs=EPSILON)


def test_band_movements_are_all_prospects(sample_backtest):
    movements = dict(sample_backtest.execute(
        "select detail, value from main.scoring_model_comparison where measure = 'band_movement'").fetchall())
    assert len(movements) == 16
    assert {detail: int(n) for detail, n in movements.items() if n} == dict(sample_backtest.execute("""
        select one.band || ' to ' || other.band, count(*)
        from main.account_score_history as one
        join main.account_score_history as other using (account_id, score_date)
        join intermediate.int_prospect_accounts using (account_id)
        join intermediate.int_as_of_date on score_date = as_of_date
        where one.scoring_model = 'decayed' and other.scoring_model = 'playbook' group by 1""").fetchall())
    volumes = dict(sample_backtest.execute(
        "select detail, other_value from main.scoring_model_comparison where measure = 'alerts_per_week'").fetchall())
    assert volumes == dict(sample_backtest.execute("""
        select notify_roles || ' at ' || threshold, alerts_per_week from main.threshold_performance
        where scoring_model = 'playbook' and outcome = 'won' and notify_roles is not null""").fetchall())


@pytest.mark.parametrize("seed", range(4))
def test_sales_cycles_are_those_of_statsmodels(compiled, seed):
    """Median of Kaplan and Meier with its interval; an open or lost opportunity is one that was not won until then."""
    random = numpy.random.default_rng(seed)
    cycles = [
        (f"a{n}", band, int(random.exponential(40 + 30 * (band == "Hot"))), ("won", "won", "lost", "open")[random.integers(4 if seed else 2)])
        for n in range(90) for band in ("Cold", "Hot")
    ]
    values = ", ".join(f"('decayed', '{a}', '{a}', '{band}', '{outcome}', {days})" for a, band, days, outcome in cycles)
    connection = compiled.run({}, as_of="2026-05-31", wanted=("sales_cycle_by_band",), given={
        "int_sales_cycles": f"select * from (values {values}) as rows (scoring_model, opportunity_id, account_id, band, outcome, watched_days)"
    })
    for row in dicts(connection, "from main.sales_cycle_by_band where scoring_model = 'decayed' and opportunities > 0"):
        own = [cycle for cycle in cycles if cycle[1] == row["band"]]
        curve = SurvfuncRight([cycle[2] for cycle in own], [int(cycle[3] == "won") for cycle in own])
        with numpy.errstate(all="ignore"):  # it takes the logarithm of 0 where all are won
            low, high = curve.quantile_ci(0.5)
        assert (row["opportunities"], row["won"], row["lost"]) == (90, *(sum(c[3] == o for c in own) for o in ("won", "lost")))
        # where the curve meets one half exactly, the time at which it does
        assert row["median_days_to_won"] == min(day for day, share in zip(curve.surv_times, curve.surv_prob) if share <= 0.5 + EPSILON)
        assert row["median_days_to_won"] in (curve.quantile(0.5), *curve.surv_times[numpy.isclose(curve.surv_prob, 0.5)])
        assert (row["median_days_low"], row["median_days_high"] or numpy.inf) == (low, high)


def test_forecasts_and_their_intervals_are_worked_out_account_by_account(sample_backtest):
    """Expected opportunities and amounts with chance, rates and means as they were known on the day, and what was expected by decile."""
    landmarks = dict(sample_backtest.execute("select landmark_on, horizon_ends_on from intermediate.int_landmarks where is_complete").fetchall())
    tiers = dict(sample_backtest.execute("select account_id, account_tier from staging.stg_crm__accounts").fetchall())
    past = dicts(sample_backtest, "from intermediate.int_landmark_accounts where scoring_model = 'decayed'")
    present = sample_backtest.execute(
        "select account_id, band from intermediate.int_forecast_accounts where scoring_model = 'decayed' and opportunity_created is null").fetchall()
    forecasts = {(row["forecast_on"], row["band"], row["account_tier"]): row
                 for row in dicts(sample_backtest, "from main.pipeline_forecast where scoring_model = 'decayed'")}
    z, checked, expected_of = 1.959963984540054, 0, {}
    for day in [*landmarks, dt.date(2026, 5, 31)]:
        known = [row for row in past if landmarks[row["landmark_on"]] <= day]
        rates, variances, means, mean_variances, amount_variances = {}, {}, {}, {}, {}
        for band in {row["band"] for row in known}:
            rows = [row for row in known if row["band"] == band]
            m, p = len({row["account_id"] for row in rows}), sum(row["opportunity_created"] for row in rows) / len(rows)
            if m >= 20 and len({row["account_id"] for row in known if row["opportunity_created"]}) >= 5:
                middle = (p * m + z * z / 2) / (m + z * z)
                rates[band], variances[band] = p, middle * (1 - middle) / m
        expected_of.update({(day, band): rate for band, rate in rates.items()})
        amounts = {(row["account_id"], float(row["amount_usd"])) for row in known if row["amount_usd"] is not None}
        for tier in {*tiers.values()}:
            own = [amount for account, amount in amounts if tiers[account] == tier]
            own = own if len(own) >= 5 else [amount for _, amount in amounts]
            if len(own) >= 5:
                means[tier], amount_variances[tier] = numpy.mean(own), numpy.var(own, ddof=1)
                mean_variances[tier] = amount_variances[tier] / len(own)
        accounts = [(row["account_id"], row["band"]) for row in past if row["landmark_on"] == day] or present
        cells = defaultdict(int)
        for account, band in accounts:
            cells[band, tiers[account]] += 1
        assert {key[1:] for key in forecasts if key[0] == day} == {*cells, ("all bands", None)}
        for key in [*cells, ("all bands", None)]:
            row, own = forecasts[day, *key], [cell for cell in cells if cell == key or key[1] is None]
            assert row["accounts"] == sum(cells[cell] for cell in own)
            if any(band not in rates for band, _ in own):
                assert row["expected_opportunities"] is row["expected_amount_usd_high"] is None and row["verdict"] != "enough data"
                continue
            expected = sum(cells[b, t] * rates[b] for b, t in own)
            variance = sum(cells[b, t] * rates[b] * (1 - rates[b]) for b, t in own) + sum(
                sum(cells[c] for c in own if c[0] == band) ** 2 * variances[band] for band in {b for b, _ in own})
            usd = sum(cells[b, t] * rates[b] * means[t] for b, t in own)
            usd_variance = sum(
                cells[b, t] * (rates[b] * (amount_variances[t] + means[t] ** 2) - (rates[b] * means[t]) ** 2) for b, t in own
            ) + sum(sum(cells[b, t] * means[t] for b, t in own if b == band) ** 2 * variances[band] for band in {b for b, _ in own}) + sum(
                sum(cells[b, t] * rates[b] for b, t in own if t == tier) ** 2 * mean_variances[tier] for tier in {t for _, t in own})
            for name, value in {
                "expected_opportunities": expected, "expected_opportunities_low": max(0, expected - z * sqrt(variance)),
                "expected_opportunities_high": min(row["accounts"], expected + z * sqrt(variance)),
            }.items():
                assert float(row[name]) == pytest.approx(value, abs=EPSILON), (day, key, name)
            for name, value in {
                "expected_amount_usd": usd, "expected_amount_usd_low": max(0, usd - z * sqrt(usd_variance)),
                "expected_amount_usd_high": usd + z * sqrt(usd_variance),
            }.items():
                assert float(row[name]) == pytest.approx(value, abs=0.01), (day, key, name)
            checked += 1
    assert checked >= 80
    for row in dicts(sample_backtest, "from main.calibration_by_decile where scoring_model = 'decayed' and outcome = 'opportunity_created'"):
        own = [r for r in past if r["decile"] == row["decile"] and (r["landmark_on"], r["band"]) in expected_of]
        assert (row["n"], row["converted"]) == (len(own), sum(r["opportunity_created"] for r in own))
        assert float(row["expected_rate"]) == pytest.approx(numpy.mean([expected_of[r["landmark_on"], r["band"]] for r in own]), abs=EPSILON)


def test_a_forecast_of_a_past_day_is_the_one_that_was_made_on_it(compiled, sample_backtest):
    """Run as of a landmark, the project forecasts what the backtest says it did: nothing learned since is in it."""
    day = dt.date(2025, 11, 30)
    columns = "band, account_tier, accounts, expected_opportunities, expected_opportunities_high, expected_amount_usd, expected_amount_usd_high"
    query = f"select {columns} from main.pipeline_forecast where scoring_model = 'decayed' and forecast_on = '{day}' order by all"
    landmarks = sample_backtest.execute("select landmark_on, horizon_ends_on from intermediate.int_landmarks").fetchall()
    values = ", ".join(f"(date '{landmark}', date '{end}', {end <= day})" for landmark, end in landmarks if landmark < day)
    then = compiled.run(SAMPLE, as_of=day, wanted=("pipeline_forecast",), given={
        "int_landmarks": f"select * from (values {values}) as rows (landmark_on, horizon_ends_on, is_complete)"
    })
    assert then.execute(query).fetchall() == sample_backtest.execute(query).fetchall() != []


def test_most_past_forecasts_of_the_sample_were_right(sample_backtest):
    within = [hit for (hit,) in sample_backtest.execute(
        "select is_within_interval from main.pipeline_forecast where is_total and is_backtest and verdict = 'enough data'").fetchall()]
    assert len(within) >= 10 and sum(within) >= 0.8 * len(within)


@pytest.mark.parametrize("conversions, enough", [(0, False), (1, False), (4, False), (5, True)])
def test_few_conversions_are_called_too_few(compiled, conversions, enough):
    rows = [
        (0, f"a{n}", model, 40 if n % 2 else 5, int(n < conversions), int(n < conversions))
        for n in range(60) for model in ("decayed", "playbook")
    ]
    connection = backtest(compiled, rows)
    too_few = "not enough data: fewer than 5 accounts converted"
    for mart in MARTS:
        if mart == "pipeline_forecast":
            continue  # nothing to learn from one landmark but for the as-of date, on which these accounts have no score
        kept = "measure in ('auc', 'top_decile_rate')" if mart == "scoring_model_comparison" else "n > 0"
        for row in dicts(connection, f"from main.{mart} where scoring_model = 'decayed' and {kept}"):
            too_small = min(row.get("accounts", 60), row.get("other_accounts", 60)) < 20
            verdict = "not enough data: fewer than 20 accounts" if too_small else "enough data" if enough else too_few
            assert row["verdict"] == verdict, row
            for name in ("rate", "rate_high", "auc", "auc_high", "precision_rate", "f1", "risk_ratio_low", "difference_low"):
                assert name not in row or (row[name] is not None) == (enough and not too_small), (row, name)


@pytest.mark.parametrize("rows", [
    [],
    [(0, "only", "decayed", 5, 1, 1)],
    [(0, f"a{n}", "decayed", 5, 1, 1) for n in range(50)],
    [(0, f"a{n}", "decayed", 5, n % 2, 0) for n in range(50)],
], ids=["no account", "one account", "all convert", "one score"])
def test_degenerate_data_end_in_words_not_in_errors(compiled, rows):
    connection = backtest(compiled, rows)
    assert connection.execute("select count(*) from main.conversion_by_band").fetchone() == (2 * 2 * 4,)
    assert connection.execute("select count(*) from main.conversion_by_decile").fetchone() == (2 * 2 * 10,)
    for row in dicts(connection, "from main.ranking_quality where outcome = 'opportunity_created'"):
        if row["scoring_model"] == "playbook" or len(rows) < 20:
            assert (row["auc"], row["verdict"]) == (None, "not enough data: fewer than 20 accounts")
        else:
            assert row["auc"] == (0.5 if any(row[4] == 0 for row in rows) else None)


def test_warmer_bands_of_the_sample_convert_more(sample_backtest):
    rates = [rate for (rate,) in sample_backtest.execute("""
        select rate from main.conversion_by_band
        where scoring_model = 'decayed' and outcome = 'opportunity_created' order by sort_order""").fetchall()]
    assert rates == sorted(rates) and rates[3] > 2 * rates[0]
    assert sample_backtest.execute("""
        select auc_low > 0.5 from main.ranking_quality where scoring_model = 'decayed' and outcome = 'opportunity_created'
    """).fetchone() == (True,)


def test_a_landmark_knows_nothing_of_what_came_after_it(compiled, sample_backtest):
    """The raw data as they were on the landmark give the scores of the landmark: no later event, no later identification."""
    landmark = dt.date(2025, 10, 31)
    raw = {table: read_csv(SAMPLE / f"{table}.csv") for table in compiled.raw_columns}
    last = f"{landmark} 23:59:59"
    known = {
        table: [row for row in rows if table in ("crm_accounts", "crm_contacts") or (row.get("occurred_at") or row.get("created_at") or "") <= last]
        for table, rows in raw.items()
    }
    assert len(known["web_events"]) < len(raw["web_events"])
    # the score of a run on that day, and its band in the history of that run
    then = {(row[0], row[1]): row[2:] for row in compiled.run(known, as_of=landmark, wanted=("int_account_scores", "account_score_history")).execute(
        "select scoring_model, account_id, scores.score_raw, scores.score, band from intermediate.int_account_scores as scores"
        " join main.account_score_history using (scoring_model, account_id) where score_date = ?", [landmark]).fetchall()}
    rows = sample_backtest.execute(
        "select scoring_model, account_id, score_raw, score, band from intermediate.int_landmark_accounts where landmark_on = ?", [landmark]
    ).fetchall()
    assert len(rows) > 200
    for model, account, score_raw, score, band in rows:
        assert float(score_raw) == pytest.approx(float(then[model, account][0]), abs=EPSILON)
        assert (score, band) == then[model, account][1:]


def test_a_demo_without_an_opportunity_takes_the_account_out(compiled):
    """Sales logs a demo: no score with its points is asked to predict the opportunity."""
    demo = {"account_id": "demo", "activity_id": "1", "activity_type": "demo_attended",
            "occurred_at": "2026-01-15 10:00:00", "loaded_at": "2026-01-15 11:00:00"}
    accounts = [{"account_id": name, "created_at": "2025-12-01", "loaded_at": "2025-12-01"} for name in ("demo", "quiet")]
    connection = compiled.run(
        {"crm_accounts": accounts, "crm_activities": [demo]}, as_of="2026-05-31", wanted=("int_landmark_accounts",)
    )
    assert connection.execute(
        "select account_id, list(distinct landmark_on::varchar order by landmark_on::varchar) from intermediate.int_landmark_accounts group by 1 order by 1"
    ).fetchall() == [("demo", ["2025-12-31"]), ("quiet", ["2025-12-31", "2026-01-31", "2026-02-28"])]


def test_the_monthly_review_shows_what_the_sample_gives(compiled):
    """Every row of every query of the review stands on its page, in order, and nothing else does."""
    page = (ROOT / "docs" / "monthly-review.md").read_text().splitlines()
    names = [name for name in compiled.analyses if name.startswith("monthly_review_")]
    others = ("sales_cycle_by_band", "campaign_engagement", "band_distribution", "band_transitions")
    connection = compiled.run(SAMPLE, wanted=(*MARTS, *others))

    def text(value):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    assert len(names) == 9
    for name in names:
        start = next(number for number, line in enumerate(page) if line.startswith(f"`{name}`"))
        end = next((number for number, line in enumerate(page) if number > start and line.startswith("## ")), len(page))
        shown = [line for line in page[start:end] if line.startswith("|")]
        result = connection.execute(compiled.analyses[name])
        columns = [column[0].replace("_", " ") for column in result.description]
        rows = [" | ".join(["", *map(text, row), ""]).strip() for row in result.fetchall()]
        assert shown[0] == " | ".join(["", *columns, ""]).strip() and shown[2:] == rows, name
