"""Any day of the history is what the project says when it is run as of that day, and what the reference says."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference
from harness import SAMPLE
from random_histories import DATE, DENSE, DENSE_DAYS, FIRST_DAY, RAW, THOROUGH, in_contract_order, seed_changes

EPSILON = 1e-9
LAST_DAY = dt.date(2026, 5, 31)


def history_on(connection, day):
    """{(scoring_model, account_id): (score_raw, score, engaged_contacts)} of one day of the history."""
    return {
        (model, account): (float(raw), *rest) for model, account, raw, *rest in connection.execute(
            "select scoring_model, account_id, score_raw, score, engaged_contacts"
            " from main.account_score_history where score_date = ?", [day],
        ).fetchall()
    }


def assert_same(history, scores):
    wrong = {
        key: (history[key], scores[key]) for key in history
        if abs(history[key][0] - scores[key][0]) > EPSILON or history[key][1:] != scores[key][1:]
    }
    assert history and not wrong, f"(history, score) differ: {wrong}"


@pytest.fixture(scope="module")
def sample_history(compiled):
    return compiled.run(SAMPLE)


@pytest.mark.parametrize("days_ago", [1, 30, 31, 60, 181, 399])
def test_a_past_day_is_the_score_as_of_that_day(compiled, sample_history, days_ago):
    day = LAST_DAY - dt.timedelta(days=days_ago)
    assert_same(history_on(sample_history, day), history_on(compiled.run(SAMPLE, as_of=day), day))


def test_the_primary_model_has_every_day_and_the_others_their_month_ends(sample_history):
    rows = dict(sample_history.execute(
        "select scoring_model, array_agg(distinct score_date order by score_date) from main.account_score_history group by 1"
    ).fetchall())
    every_day = [LAST_DAY - dt.timedelta(days=n) for n in reversed(range(400))]
    assert rows == {
        "decayed": every_day, "playbook": [day for day in every_day if (day + dt.timedelta(days=1)).day == 1],
    }
    ((most, fewest),) = sample_history.execute(
        "select max(n), min(n) from (select count(*) as n from main.account_score_history where scoring_model = 'decayed' group by account_id)"
    ).fetchall()
    assert most == fewest == 400


@THOROUGH
@given(data=st.data())
def test_random_histories(compiled, data):
    raw = in_contract_order(compiled, data.draw(RAW))
    seeds = {**compiled.default_seeds, **data.draw(seed_changes(compiled.default_seeds))}
    past = data.draw(DATE)
    history = history_on(compiled.run(raw, seeds), past)
    if history:
        expected = reference.score(raw, seeds, past)
        assert {key: pytest.approx(row[0], abs=EPSILON) for key, row in history.items()} == {
            key: score for key, score in expected.items() if key in history
        }


@THOROUGH
@given(data=st.data())
def test_random_visitors_day_by_day(compiled, data):
    raw = in_contract_order(compiled, data.draw(DENSE))
    # the model with silences is the primary one, which has every day
    models = [{**row, "is_primary": "true" if row["scoring_model"] == "playbook" else "false"} for row in compiled.default_seeds["scoring_models"]]
    models[1] |= {
        "silence_days": data.draw(st.sampled_from(["1", "2", "3"])), "silence_factor": data.draw(st.sampled_from(["0", "0.5", "0.9"])),
        "breadth_window_days": data.draw(st.sampled_from(["1", "2", "4"])), "apply_caps": "true",
        "decay_function": data.draw(st.sampled_from(["none", "exponential"])), "half_life_days": data.draw(st.sampled_from(["1", "3"])),
        "full_value_days": data.draw(st.sampled_from(["0", "2"])),
    }
    signals = [{**row, "max_points": "12"} for row in compiled.default_seeds["signals"]]
    seeds = {**compiled.default_seeds, "scoring_models": models, "signals": signals}
    connection = compiled.run(raw, seeds, FIRST_DAY + dt.timedelta(days=DENSE_DAYS + 4))
    for days in range(DENSE_DAYS + 5):
        day = FIRST_DAY + dt.timedelta(days=days)
        history = history_on(connection, day)
        expected = {key: score for key, score in reference.score(raw, seeds, day).items() if key in history}
        assert {key: pytest.approx(row[0], abs=EPSILON) for key, row in history.items()} == expected


@pytest.mark.parametrize("half_life", ["1", "7", "365"])
def test_three_years_neither_overflow_nor_lose_precision(compiled, half_life):
    """One click a week for three years, without a cap, seen on each of its days with a half-life from a day to a year."""
    models = [{**row, "half_life_days": half_life, "full_value_days": "0", "lookback_days": None, "decay_function": "exponential",
               "breadth_points": "0", "apply_caps": "false"} for row in compiled.default_seeds["scoring_models"]]
    start, weeks = dt.date(2023, 6, 1), 156
    raw = {
        "crm_accounts": [{"account_id": "a", "domain": "a.example", "created_at": "2023-01-01", "loaded_at": "2023-01-01"}],
        "email_events": [
            {"event_id": str(n), "email": "p@a.example", "event_type": "click", "occurred_at": f"{start + dt.timedelta(weeks=n)} 10:00:00",
             "loaded_at": f"{start + dt.timedelta(weeks=n)} 10:00:00"} for n in range(weeks)
        ],
    }
    connection = compiled.run(raw, {"scoring_models": models}, start + dt.timedelta(weeks=weeks))
    rows = connection.execute(
        "select score_date, score_raw from main.account_score_history where scoring_model = 'decayed' order by 1"
    ).fetchall()
    assert len(rows) == 400
    for day, score_raw in rows:
        ages = [(day - start).days - 7 * n for n in range(weeks) if (day - start).days >= 7 * n]
        assert float(score_raw) == pytest.approx(sum(5 * 0.5 ** (age / float(half_life)) for age in ages), abs=EPSILON)
