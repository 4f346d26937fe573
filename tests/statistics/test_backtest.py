"""The landmark backtest: its counts are those of other libraries on the same rows, it uses nothing from after a landmark, and
it says so when there is too little data."""

import datetime as dt
from collections import defaultdict

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support
from statsmodels.stats.proportion import proportion_confint

from engagement.review.data import dicts
from harness import ROOT, SAMPLE
from worlds import shuffled, world

EPSILON = 1e-9
BANDS = [("Cold", 0), ("Warm", 11), ("Hot", 26), ("Very Hot", 51)]
MARTS = ("conversion_by_band", "conversion_by_decile", "signal_performance", "threshold_performance", "conversion_questions",
         "pipeline_forecast", "backtest_landmarks")


def landmark_scores(rows):
    """A select of `int_landmark_scores`: rows of (landmark, account, scoring model, score, opportunity created, won)."""
    values = ", ".join(
        f"(date '2025-01-31' + {landmark}, '{account}', '{model}', {score}::decimal(18, 6), {created}, {won})"
        for landmark, account, model, score, created, won in rows
    ) or "(null, null, null, null, null, null)"
    bands = " ".join(f"when score >= {bound} then '{band}'" for band, bound in reversed(BANDS))
    return f"""
        select
            landmark_on::date as landmark_on, account_id::varchar as account_id, scoring_model::varchar as scoring_model,
            1 as account_tier, score::decimal(18, 6) as rank_score, floor(score)::int as score, case {bands} end as band,
            ntile(10) over (partition by landmark_on, scoring_model order by score desc)::int as decile,
            true as is_used, false as is_as_of_date, opportunity_created::int as opportunity_created, won::int as won,
            (opportunity_created * 1000)::decimal(38, 2) as amount_usd
        from (values {values}) as rows (landmark_on, account_id, scoring_model, score, opportunity_created, won)
        where landmark_on is not null
    """


def backtest(compiled, rows, wanted=MARTS):
    """A connection with `wanted`, built from rows of the landmark backtest instead of raw data."""
    return compiled.run({}, as_of="2026-05-31", wanted=wanted, given={"int_landmark_scores": landmark_scores(rows)})


def random_rows(seed, accounts=80, landmarks=5, models=("decayed", "playbook")):
    """Accounts that stand at several landmarks, with scores and outcomes of their own and many equal scores."""
    random = np.random.default_rng(seed)
    rows = []
    for account in range(accounts):
        warmth = random.normal()
        for landmark in range(random.integers(1, landmarks + 1)):
            created = int(random.random() < 1 / (1 + np.exp(2 - warmth)))
            won = int(created and random.random() < 0.4)
            for model in models:
                score = max(0, round(random.choice([1, 5]) * random.poisson(4 * np.exp(warmth / 2)) + random.choice([0, 0.5]), 1))
                rows.append((30 * landmark, f"a{account}", model, score, created, won))
    return rows


@pytest.fixture(scope="module")
def sample_backtest(compiled):
    return compiled.run(SAMPLE, wanted=(*MARTS, "sales_cycle_by_band", "campaign_engagement", "band_distribution", "band_transitions"))


@pytest.fixture(scope="module", params=["sample", 1, 2])
def any_backtest(request, compiled):
    return request.getfixturevalue("sample_backtest") if request.param == "sample" else backtest(compiled, random_rows(request.param))


def test_rates_are_those_of_statsmodels_and_lift_is_within_landmarks(any_backtest):
    outcomes = dicts(any_backtest, "from intermediate.int_landmark_outcomes")
    converted_of = defaultdict(list)
    for row in outcomes:
        converted_of[row["scoring_model"], row["outcome"], row["landmark_on"]].append(row["converted"])
    checked = 0
    for row in dicts(any_backtest, "from main.conversion_by_band") + dicts(any_backtest, "from main.conversion_by_decile"):
        if row["verdict"] != "enough data":
            assert row["rate"] is row["rate_low"] is row["rate_high"] is row["lift"] is None
            continue
        group = "band" if "band" in row else "decile"
        mine = [other for other in outcomes if all(other[key] == row[key] for key in ("scoring_model", "outcome", group))]
        low, high = proportion_confint(row["converted"], row["n"], method="wilson")
        assert (row["n"], row["converted"]) == (len(mine), sum(other["converted"] for other in mine))
        assert float(row["rate"]) == pytest.approx(row["converted"] / row["n"], abs=EPSILON)
        assert (float(row["rate_low"]), float(row["rate_high"])) == (pytest.approx(low, abs=EPSILON), pytest.approx(high, abs=EPSILON))
        expected = sum(np.mean(converted_of[row["scoring_model"], row["outcome"], other["landmark_on"]]) for other in mine)
        assert float(row["lift"]) == pytest.approx(row["converted"] / expected, abs=EPSILON)
        checked += 1
    assert checked >= 20


def test_precision_and_recall_are_those_of_scikit_learn(any_backtest):
    outcomes = dicts(any_backtest, "select scoring_model, outcome, score, converted from intermediate.int_landmark_outcomes")
    checked = 0
    for row in dicts(any_backtest, "from main.threshold_performance where verdict = 'enough data' and threshold % 7 = 0"):
        rows = [other for other in outcomes if all(other[key] == row[key] for key in ("scoring_model", "outcome"))]
        converted = [other["converted"] for other in rows]
        above = [int(other["score"] >= row["threshold"]) for other in rows]
        precision, recall, f1, _ = precision_recall_fscore_support(converted, above, average="binary", zero_division=0)
        low, high = proportion_confint(row["converted"], row["n"], method="wilson")
        for name, expected in {"precision_rate": precision, "recall": recall, "f1": f1, "precision_low": low, "precision_high": high}.items():
            assert float(row[name]) == pytest.approx(expected, abs=EPSILON), (row, name)
        checked += 1
    assert checked >= 5


def prospect_days(connection):
    """{account: {day: score}} of the primary scoring model, while the account was a prospect, a day before it included."""
    days = defaultdict(dict)
    for account, day, score in connection.execute("""
        select history.account_id, history.score_date, history.score
        from main.account_score_history as history
        join staging.stg_crm__accounts as accounts
            on history.account_id = accounts.account_id and history.score_date >= accounts.created_at::date - 1
        left join (select account_id, min(closed_on) as won_on from intermediate.int_opportunities where outcome = 'won' group by 1) as wins
            on history.account_id = wins.account_id
        where history.scoring_model = 'decayed' and (wins.won_on is null or history.score_date < wins.won_on)
        order by history.account_id, history.score_date""").fetchall():
        days[account][day] = score
    return days


def crossings(days, threshold):
    """[(account, day)] on which a score was at the threshold or above, and below it the day before."""
    return [
        (account, day) for account, scores in days.items() for day, score in scores.items()
        if scores.get(day - dt.timedelta(days=1), threshold) < threshold <= score
    ]


def test_alerts_a_week_are_counted_day_by_day(sample_backtest):
    days = prospect_days(sample_backtest)
    volumes = dict(sample_backtest.execute(
        "select threshold, alerts_per_week from main.threshold_performance where scoring_model = 'decayed' and outcome = 'won'").fetchall())
    assert sorted(volumes) == list(range(101))
    for threshold in (1, 25, 40, 50, 100):
        assert float(volumes[threshold]) == pytest.approx(len(crossings(days, threshold)) * 7 / 399, abs=EPSILON)


def test_answers_are_worked_out_account_by_account(sample_backtest):
    scores = sample_backtest.execute("""
        select account_id, landmark_on, score, converted from intermediate.int_landmark_outcomes
        where scoring_model = 'decayed' and outcome = 'opportunity_created'""").fetchall()
    days = prospect_days(sample_backtest)
    crossed = defaultdict(set)
    for threshold in (25, 40, 50):
        for account, day in crossings(days, threshold):
            crossed[account, threshold].add(day)
    newest, first_day = max(row[1] for row in scores), dt.date(2026, 5, 31) - dt.timedelta(days=399)
    answers = dicts(sample_backtest, """
        from main.conversion_questions where scoring_model = 'decayed' and outcome = 'opportunity_created'""")
    assert len(answers) == 9
    for row in answers:
        kind, threshold, sums = row["question_kind"], row["threshold"], [0, 0, 0, 0]
        for account, landmark, score, converted in scores:
            start = landmark - dt.timedelta(days=90)
            if kind != "above_threshold" and (start < first_day or (kind.endswith("newest_landmark") and landmark != newest)):
                continue
            asked = score >= threshold if kind == "above_threshold" else any(start < day <= landmark for day in crossed[account, threshold])
            sums[0 if asked else 2] += 1
            sums[1 if asked else 3] += converted
        assert (row["n"], row["converted"], row["other_n"], row["other_converted"]) == tuple(sums)
        if row["verdict"] != "enough data":
            assert row["answer"] == f"N{row['verdict'][1:]}." and row["rate"] is row["lift"] is None
            continue
        n, a, m, b = sums
        low, high = (100 * bound for bound in proportion_confint(b, m, method="wilson"))
        assert row["answer"].startswith(f"{100 * a / n:.1f} % ({a} of {n}; 95 % interval ")
        said, compared = row["answer"].split(" Compared with ")
        assert said.endswith(f"{100 * b / m:.1f} % ({b} of {m}; {low:.1f} % to {high:.1f} %).")
        assert compared == f"the average account of the same landmarks, the first convert {row['lift']:.2f} times as often."


def test_an_answer_gives_the_score_no_credit_for_the_month(compiled):
    """In good months more accounts are warm, and more convert, but not the same ones. Rates over all months differ clearly."""
    made = world("start-up", 1)
    converted = shuffled(made.converted["opportunity_created"], made.landmarks, 2)
    rows = [
        (30 * int(landmark), f"a{account}", "decayed", 2.5 * float(score), int(outcome), 0)
        for landmark, account, score, outcome in zip(made.landmarks, made.accounts, made.score, converted)
    ]
    (answer,) = dicts(backtest(compiled, rows, wanted=("conversion_questions",)), """
        from main.conversion_questions where question_kind = 'above_threshold' and scoring_model = 'decayed'
        and outcome = 'opportunity_created' and threshold = 25""")
    assert answer["rate_low"] > answer["other_rate_high"] and 0.8 < answer["lift"] < 1.05
    assert answer["answer"].endswith(f"the first convert {answer['lift']:.2f} times as often.")


def test_forecasts_are_worked_out_account_by_account(sample_backtest):
    """Rates and mean amounts as they were known on the day."""
    landmarks = dict(sample_backtest.execute("select landmark_on, horizon_ends_on from intermediate.int_landmarks where is_used").fetchall())
    rows = dicts(sample_backtest, "from intermediate.int_landmark_scores where scoring_model = 'decayed'")
    checked = 0
    for row in dicts(sample_backtest, "from main.pipeline_forecast where scoring_model = 'decayed'"):
        known = [other for other in rows if landmarks.get(other["landmark_on"], dt.date.max) <= row["forecast_on"]]
        asked = [other for other in rows if other["landmark_on"] == row["forecast_on"]
                 and (other["band"], other["account_tier"]) == (row["band"], row["account_tier"])]
        in_band = [other for other in known if other["band"] == row["band"]]
        assert row["accounts"] == len(asked)
        enough = len({other["account_id"] for other in in_band}) >= 20 and len({
            other["account_id"] for other in known if other["opportunity_created"]}) >= 5
        assert (row["verdict"] == "enough data") == enough
        if not enough:
            assert row["rate"] is row["expected_opportunities"] is row["expected_amount_usd"] is None
            continue
        rate = np.mean([other["opportunity_created"] for other in in_band])
        amounts = [other for other in known if other["amount_usd"] is not None]
        of_tier = [other for other in amounts if other["account_tier"] == row["account_tier"]]
        used = of_tier if len({other["account_id"] for other in of_tier}) >= 5 else amounts
        mean = np.mean([float(other["amount_usd"]) for other in used])
        assert float(row["rate"]) == pytest.approx(rate, abs=EPSILON)
        assert float(row["expected_opportunities"]) == pytest.approx(rate * len(asked), abs=EPSILON)
        assert float(row["expected_amount_usd"]) == pytest.approx(rate * len(asked) * mean, abs=0.01)
        checked += 1
    assert checked >= 60


def test_landmarks_before_tracking_are_no_evidence(compiled):
    """A CRM older than the tracking: accounts of years ago, events of the last weeks, opportunities all the time."""
    raw = {
        "crm_accounts": [{"account_id": f"a{n}", "account_name": f"A{n}", "domain": f"a{n}.example", "created_at": "2022-01-01",
                          "loaded_at": "2025-06-30"} for n in range(60)],
        "crm_opportunities": [{"opportunity_id": f"o{n}", "account_id": f"a{n}", "stage": "Discovery", "is_closed": "false", "is_won": "false",
                               "amount_usd": "10", "created_at": f"2025-0{1 + n % 6}-15", "loaded_at": "2025-06-30"} for n in range(30)],
        "product_events": [{"event_id": f"e{n}", "account_id": f"a{n % 60}", "event_type": "login", "occurred_at": str(dt.date(2025, 5, 10) + dt.timedelta(days=n % 28)),
                            "loaded_at": "2025-06-30"} for n in range(200)],
    }
    connection = compiled.run(raw, as_of="2025-06-30", wanted=(*MARTS, "sales_cycle_by_band"))
    landmarks = dicts(connection, "from main.backtest_landmarks")
    assert len(landmarks) >= 12 and sum(row["is_complete"] for row in landmarks) >= 9
    assert not any(row["is_used"] for row in landmarks)
    assert [row["landmark_on"] for row in landmarks if row["is_tracked"]] == [dt.date(2025, 6, 30)]
    for mart in ("conversion_by_band", "conversion_by_decile", "threshold_performance", "conversion_questions"):
        assert all(row["n"] == 0 and row["verdict"].startswith("not enough data") for row in dicts(connection, f"from main.{mart}"))
    forecast = dicts(connection, "from main.pipeline_forecast")
    assert forecast and all(row["expected_opportunities"] is None for row in forecast)
    # the deals of these months were created at Cold accounts only because nothing was tracked
    assert all(row["opportunities"] == 0 for row in dicts(connection, "from main.sales_cycle_by_band"))


def test_a_landmark_knows_nothing_of_what_came_after_it(compiled, sample_backtest):
    """The sample scored as of a landmark gives the scores that the landmark has in the backtest."""
    day = dt.date(2025, 11, 30)
    query = f"select scoring_model, account_id, rank_score from intermediate.int_landmark_scores where landmark_on = '{day}' order by all"
    then = compiled.run(SAMPLE, as_of=day, wanted=("int_landmark_scores",))
    assert then.execute(query).fetchall() == sample_backtest.execute(query).fetchall() != []


def test_a_forecast_of_a_past_day_is_the_one_that_was_made_on_it(compiled, sample_backtest):
    """Run as of a landmark, the project forecasts what the backtest says it did: nothing learned since is in it."""
    day = dt.date(2025, 11, 30)
    columns = "scoring_model, band, account_tier, accounts, rate, expected_opportunities, expected_amount_usd"
    query = f"select {columns} from main.pipeline_forecast where forecast_on = '{day}' order by all"
    # on that day the history went back further, so it had a landmark more
    values = ", ".join(
        f"(date '{landmark}', date '{end}', {end <= day}, {landmark == day})" for landmark, end in sample_backtest.execute(
            "select landmark_on, horizon_ends_on from intermediate.int_landmarks where is_used").fetchall() if landmark <= day
    )
    then = compiled.run(SAMPLE, as_of=day, wanted=("pipeline_forecast",), given={
        "int_landmarks": f"select * from (values {values}) as rows (landmark_on, horizon_ends_on, is_used, is_as_of_date)"
    })
    assert then.execute(query).fetchall() == sample_backtest.execute(query).fetchall() != []


@pytest.mark.parametrize("conversions, enough", [(0, False), (1, False), (4, False), (5, True)])
def test_few_conversions_are_called_too_few(compiled, conversions, enough):
    rows = [
        (0, f"a{n}", model, 40 if n % 2 else 5, int(n < conversions), int(n < conversions))
        for n in range(60) for model in ("decayed", "playbook")
    ]
    connection = backtest(compiled, rows)
    too_few = "not enough data: fewer than 5 accounts converted"
    for mart in ("conversion_by_band", "conversion_by_decile", "threshold_performance", "conversion_questions"):
        for row in dicts(connection, f"from main.{mart} where scoring_model = 'decayed' and n > 0"):
            too_small = min(row["accounts"], row.get("other_accounts", 60)) < 20
            verdict = "not enough data: fewer than 20 accounts" if too_small else "enough data" if enough else too_few
            assert row["verdict"] == verdict, row
            for name in ("rate", "rate_high", "precision_rate", "f1", "lift"):
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
    assert connection.execute("select count(*) from main.threshold_performance").fetchone() == (2 * 2 * 101,)


def test_warmer_bands_of_the_sample_convert_more(sample_backtest):
    rates = [rate for (rate,) in sample_backtest.execute("""
        select rate from main.conversion_by_band
        where scoring_model = 'decayed' and outcome = 'opportunity_created' order by band_order""").fetchall()]
    assert rates == sorted(rates) and rates[3] > 2 * rates[0]


def test_the_page_shows_what_the_sample_gives(compiled, sample_backtest):
    """Every row of every query of the monthly review stands on its page, in order, and nothing else does."""
    page = (ROOT / "docs" / "measurement.md").read_text().splitlines()
    names = [name for name in compiled.analyses if name.startswith("monthly_review_")]

    def text(value):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)

    assert len(names) == 7
    for name in names:
        start = page.index(f"`{name}`")
        end = next(number for number, line in enumerate(page) if number > start and line.startswith("#"))
        shown = [line for line in page[start:end] if line.startswith("|")]
        result = sample_backtest.execute(compiled.analyses[name])
        columns = [column[0].replace("_", " ") for column in result.description]
        rows = ["| " + " | ".join(map(text, row)) + " |" for row in result.fetchall()]
        assert (shown[0], shown[2:]) == ("| " + " | ".join(columns) + " |", rows), name
