"""The landmark backtest: its statistics are those of scipy, statsmodels and scikit-learn on the same rows, it uses nothing
from after a landmark, and it says so when there is too little data."""

import datetime as dt
from collections import defaultdict
from math import sqrt

import numpy
import pytest
from scipy.stats.contingency import relative_risk
from sklearn.metrics import roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from harness import SAMPLE, read_csv

EPSILON = 1e-9
BANDS = [("Cold", 0), ("Warm", 11), ("Hot", 26), ("Very Hot", 51)]
OUTCOMES = ("opportunity_created", "won")
MARTS = ("conversion_by_band", "conversion_by_decile", "ranking_quality")


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
            case when opportunity_created = 1 then 9 end as days_to_opportunity, case when won = 1 then 30 end as days_to_won,
            opportunity_created::int as opportunity_count, (opportunity_created * 1000)::decimal(38, 2) as amount_usd
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


@pytest.mark.parametrize("conversions, enough", [(0, False), (1, False), (4, False), (5, True)])
def test_few_conversions_are_called_too_few(compiled, conversions, enough):
    rows = [(0, f"a{n}", "decayed", 40 if n % 2 else 5, int(n < conversions), int(n < conversions)) for n in range(60)]
    connection = backtest(compiled, rows)
    for mart in MARTS:
        for row in dicts(connection, f"from main.{mart} where scoring_model = 'decayed' and n > 0"):
            too_small = mart == "conversion_by_decile"  # deciles of six accounts
            assert row["verdict"] == (
                "not enough data: fewer than 20 accounts" if too_small
                else "enough data" if enough else "not enough data: fewer than 5 accounts converted"
            )
            assert all((row[name] is not None) == (enough and not too_small) for name in ("rate", "rate_high", "auc", "auc_high") if name in row)


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
    then = {(row[0], row[1]): row[2:] for row in compiled.run(known, as_of=landmark).execute(
        "select scoring_model, account_id, score_raw, score, band from intermediate.int_account_scores").fetchall()}
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
