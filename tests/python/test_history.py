"""Any day of the history is what the project says when it is run as of that day, and what the reference says."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from harness import SAMPLE
from test_against_reference import DATE, DENSE, DENSE_DAYS, FIRST_DAY, RAW, THOROUGH, in_contract_order, maybe, seed_changes

EPSILON = 1e-9


def history_on(connection, day):
    """{(scoring_model, account_id): (score_raw, score, engaged_contacts)} of one day of the history."""
    return {
        (model, account): (float(raw), *rest) for model, account, raw, *rest in connection.execute(
            "select scoring_model, account_id, score_raw, score, engaged_contacts"
            " from main.account_score_history where score_date = ?", [day],
        ).fetchall()
    }


def scores_of(connection):
    return {
        (model, account): (float(raw), *rest) for model, account, raw, *rest in connection.execute(
            "select scoring_model, account_id, score_raw, score, engaged_contacts from intermediate.int_account_scores"
        ).fetchall()
    }


def assert_same(history, scores):
    assert history.keys() == scores.keys()
    wrong = {
        key: (history[key], scores[key]) for key in scores
        if abs(history[key][0] - scores[key][0]) > EPSILON or history[key][1:] != scores[key][1:]
    }
    assert not wrong, f"(history, score) differ: {wrong}"


@pytest.fixture(scope="module")
def sample_history(compiled):
    return compiled.run(SAMPLE, wanted=("account_score_history", "int_account_scores"))


def test_the_last_day_is_the_present_score(sample_history):
    (today,) = sample_history.execute("select as_of_date from intermediate.int_as_of_date").fetchone()
    assert_same(history_on(sample_history, today), scores_of(sample_history))


@pytest.mark.parametrize("days_ago", [1, 30, 31, 60, 181, 399])
def test_a_past_day_is_the_score_as_of_that_day(compiled, sample_history, days_ago):
    day = dt.date(2026, 5, 31) - dt.timedelta(days=days_ago)
    assert_same(history_on(sample_history, day), scores_of(compiled.run(SAMPLE, as_of=day)))


def test_every_account_has_every_day(sample_history):
    rows, accounts, days, models = sample_history.execute(
        "select count(*), count(distinct account_id), count(distinct score_date), count(distinct scoring_model)"
        " from main.account_score_history"
    ).fetchone()
    assert (days, models) == (400, 2) and rows == accounts * days * models


@THOROUGH
@given(data=st.data())
def test_random_histories(compiled, data):
    raw = in_contract_order(compiled, data.draw(RAW))
    seeds = {**compiled.default_seeds, **data.draw(seed_changes(compiled.default_seeds))}
    today, past = data.draw(maybe(DATE)), data.draw(DATE)
    connection = compiled.run(raw, seeds, today, wanted=("account_score_history", "int_account_scores"))
    assert_same(history_on(connection, today or connection.execute("from intermediate.int_as_of_date").fetchone()[0]), scores_of(connection))
    history = history_on(connection, past)
    if history:
        expected = reference.score(raw, seeds, past)
        assert {key: pytest.approx(row[0], abs=EPSILON) for key, row in history.items()} == expected


@THOROUGH
@given(data=st.data())
def test_random_visitors_day_by_day(compiled, data):
    raw = in_contract_order(compiled, data.draw(DENSE))
    models = [dict(row) for row in compiled.default_seeds["scoring_models"]]
    models[1] |= {
        "silence_days": data.draw(st.sampled_from(["1", "2", "3"])), "silence_factor": data.draw(st.sampled_from(["0", "0.5", "0.9"])),
        "breadth_window_days": data.draw(st.sampled_from(["1", "2", "4"])), "apply_caps": "true",
        "decay_function": data.draw(st.sampled_from(["none", "exponential"])), "half_life_days": data.draw(st.sampled_from(["0.1", "1", "3"])),
        "full_value_days": data.draw(st.sampled_from(["0", "2"])),
    }
    signals = [{**row, "max_points": "12"} for row in compiled.default_seeds["signals"]]
    seeds = {**compiled.default_seeds, "scoring_models": models, "signals": signals}
    today = FIRST_DAY + dt.timedelta(days=DENSE_DAYS + 4)
    connection = compiled.run(raw, seeds, today, wanted=("account_score_history",))
    for days in range(DENSE_DAYS + 5):
        day = FIRST_DAY + dt.timedelta(days=days)
        expected = reference.score(raw, seeds, day)
        assert {key: pytest.approx(row[0], abs=EPSILON) for key, row in history_on(connection, day).items()} == expected


@pytest.mark.parametrize("half_life", ["0.1", "1", "7", "365"])
def test_three_years_neither_overflow_nor_lose_precision(compiled, half_life):
    """One click a week for three years, seen on each of its days with a half-life from hours to a year."""
    models = [{**row, "half_life_days": half_life, "full_value_days": "0", "lookback_days": None, "decay_function": "exponential",
               "breadth_points": "0"} for row in compiled.default_seeds["scoring_models"]]
    start, weeks = dt.date(2023, 6, 1), 156
    raw = {
        "crm_accounts": [{"account_id": "a", "domain": "a.example", "created_at": "2023-01-01", "loaded_at": "2023-01-01"}],
        "email_events": [
            {"event_id": str(n), "email": "p@a.example", "event_type": "click", "occurred_at": f"{start + dt.timedelta(weeks=n)} 10:00:00",
             "loaded_at": f"{start + dt.timedelta(weeks=n)} 10:00:00"} for n in range(weeks)
        ],
    }
    connection = compiled.run(raw, {"scoring_models": models}, start + dt.timedelta(weeks=weeks), wanted=("account_score_history",))
    rows = connection.execute(
        "select score_date, score_raw from main.account_score_history where scoring_model = 'decayed' order by 1"
    ).fetchall()
    assert len(rows) == 400
    for day, score_raw in rows:
        ages = [(day - start).days - 7 * n for n in range(weeks) if (day - start).days >= 7 * n]
        assert float(score_raw) == pytest.approx(sum(5 * 0.5 ** (age / float(half_life)) for age in ages), abs=EPSILON)
