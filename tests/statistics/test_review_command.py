"""The command: its tables are published, its proposal fits the seeds, and it says what is missing."""

import csv

import duckdb
import numpy as np
import pytest

from engagement import __main__ as cli
from engagement import paths
from engagement.review import __main__ as command
from engagement.review.data import read_backtest
from engagement.review.points import PointFit
from engagement.review.proposals import candidate_name, write_proposal
from engagement.review.report import points as points_section
from engagement.review.results import Settings
from engagement.review.stability import read_earned, rounded, scores_of
from engagement.review.tables import TABLES
from engagement.seeds.schema import read_schemas
from harness import ROOT, SAMPLE, read_csv

NEEDED = ("account_scores", "sales_cycle_by_band", "int_landmark_signals", "int_landmark_scores", "int_daily_points", "int_sales_cycles", "int_config_version")
LAST_BUILD = "create schema runs; create table runs.last_build as select 7 as measurement_min_accounts, 3 as measurement_min_conversions"


@pytest.fixture(scope="module")
def sample(compiled):
    return compiled.run(SAMPLE, wanted=NEEDED)


def test_the_fewest_accounts_are_those_of_the_build():
    connection = duckdb.connect()
    connection.execute(LAST_BUILD)
    found = command.with_vars_of_build(connection, Settings(draws=9))
    assert (found.min_accounts, found.min_conversions, found.draws) == (7, 3, 9)


@pytest.fixture(scope="module")
def reviewed(sample, tmp_path_factory):
    """(connection, folder of the report and the proposal) after a review of the sample."""
    out = tmp_path_factory.mktemp("review") / "new"
    command.run(sample, out)
    return sample, out


def test_tables_are_complete_described_and_of_numbers_that_are_numbers(reviewed):
    connection, _ = reviewed
    for table in TABLES:
        columns = connection.execute(f"""
            select column_name, data_type, comment from duckdb_columns() where schema_name = 'main' and table_name = '{table.name}'
        """).fetchall()
        assert {name for name, _, _ in columns} == {*table.columns, "as_of_date", "config_version"}
        assert all(comment for _, _, comment in columns)
        assert {kind for _, kind, _ in columns} <= {"VARCHAR", "INTEGER", "DATE", "BOOLEAN", "DECIMAL(28,12)"}
        count, versions = connection.execute(f"select count(*), count(distinct config_version) from main.{table.name}").fetchone()
        assert (count > 0 and versions == 1) or table.name == "review_point_test"


def test_the_report_answers_every_question(reviewed):
    page = (reviewed[1] / "report.md").read_text()
    titles = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert len(titles) == 7 and all(title.endswith("?") for title in titles)
    assert "nan" not in page and "inf " not in page and "Changes proposed: " in page


def test_sales_cycles_are_those_of_the_mart_and_end_when_a_deal_is_lost(sample, reviewed):
    """A band in which all opportunities are closed has the median of their days."""
    counts = reviewed[0].execute("select band, opportunities, accounts, won + lost from main.sales_cycle_by_band order by band").fetchall()
    assert counts == reviewed[0].execute("select band, opportunities, accounts, closed from main.review_sales_cycles order by band").fetchall()
    checked = 0
    for band, median in reviewed[0].execute("select band, median_days_to_close from main.review_sales_cycles where closed = opportunities").fetchall():
        (days,), = reviewed[0].execute(f"select list(cycle_days) from intermediate.int_sales_cycles where band = '{band}'").fetchall()
        checked += median is not None
        assert median is None or sorted(days)[(len(days) - 1) // 2] <= median <= sorted(days)[len(days) // 2]
    assert checked


def test_the_page_shows_the_review_of_the_sample(reviewed):
    """Every row of the tables below the review's heading stands in the report."""
    monthly, page = (ROOT / "docs" / "measurement.md").read_text().split("## The review")
    days = dict(reviewed[0].execute("select band, median_days_to_close from main.review_sales_cycles").fetchall())
    assert days["Warm"] is None and "Warm has too few deals." in monthly
    assert f"{days['Cold']:.0f} days for Cold, {days['Hot']:.0f} for Hot and {days['Very Hot']:.0f} for Very Hot" in " ".join(monthly.split())
    shown = [line for line in page.splitlines() if line.startswith("|")]
    assert len(shown) > 15 and set(shown) <= set((reviewed[1] / "report.md").read_text().splitlines())


def test_a_test_of_points_without_an_interval_is_told_in_words():
    """One account converted on the later landmarks: there is no spread to measure."""
    test = {"early_landmarks": 5, "late_landmarks": 2, "auc": 0.6, "auc_proposed": 0.7, "auc_difference_low": None,
            "auc_difference_high": None, "log_likelihood": -3.0, "log_likelihood_proposed": -2.5}
    text = "\n".join(points_section({"review_points": [], "review_point_test": [test]}))
    assert "None" not in text and "too few conversions for an AUC, log-likelihood -2.5 against -3.0." in text


@pytest.fixture(scope="module", params=["decayed", "playbook"])
def of_a_model(request, compiled, sample):
    """The sample with one or the other scoring model as the primary one: one has decay and caps, the other has silences."""
    if request.param == "decayed":
        return sample
    models = [row | {"is_primary": str(row["scoring_model"] == request.param).lower()} for row in compiled.default_seeds["scoring_models"]]
    return compiled.run(SAMPLE, {"scoring_models": models}, wanted=NEEDED)


def test_every_decay_function_is_that_of_a_model_in_these_tests(compiled):
    """The review decays points in Python, so a new function has to be written there, too."""
    functions, = [
        column.rules["one_of"] for column in read_schemas(ROOT / "seeds")["scoring_models"].columns if column.name == "decay_function"
    ]
    assert {*functions} == {row["decay_function"] for row in compiled.default_seeds["scoring_models"]}


def test_the_score_of_a_landmark_is_its_signals_and_the_rest(of_a_model):
    """What points would add to the score is worked out from what decay leaves of the events: with the present points it is in the score."""
    backtest = read_backtest(of_a_model)
    present = np.array([signal.points for signal in backtest.signals])
    rest = backtest.score - backtest.points_of(present)
    # breadth and combinations remain, which are never negative
    assert rest.min() > -1e-5 and rest.max() <= 50 + 1e-5
    assert (np.abs(rest) < 1e-5).mean() > 0.5
    assert set(np.unique(backtest.bands["playbook"])) == {"Cold", "Warm", "Hot", "Very Hot"}


def test_without_a_move_the_stability_gives_the_published_scores(of_a_model):
    earned, published = read_earned(of_a_model, 1000)
    scores = scores_of(earned)
    assert len(published) > 150
    accounts = list(published)
    assert list(rounded([scores.get(account, 0) for account in accounts])) == [published[account][0] for account in accounts]


def test_a_proposal_fits_the_seeds(compiled, seeds, sample, tmp_path):
    """A person can put both files below the seeds as they are: no row is refused, and one row changes one number."""
    fits = [PointFit("email_click", 5.0, suggested=8.3, proposed=8.0), PointFit("pricing_page", 10.0, suggested=11.0)]
    write_proposal(sample, tmp_path, fits, "2026-05-31")
    overrides, models = (read_csv(tmp_path / f"{name}.csv") for name in ("signal_overrides", "scoring_models"))
    assert [(row["scoring_model"], row["signal"], row["points"]) for row in overrides] == [("reviewed", "email_click", "8")]
    assert overrides[0]["comment"] == "5 before; the outcomes until 2026-05-31 suggest 8.3"
    assert seeds.faults({"signal_overrides": overrides, "scoring_models": compiled.default_seeds["scoring_models"] + models}) == []
    primary, candidate = compiled.default_seeds["scoring_models"][0], models[0]
    assert {name for name in primary if primary[name] != candidate[name]} == {"scoring_model", "is_primary", "basis", "description"}
    with open(tmp_path / "signal_overrides.csv", newline="") as file:
        assert next(csv.reader(file)) == list(compiled.seeds["signal_overrides"])


def test_a_second_proposal_has_a_name_that_is_free():
    connection = duckdb.connect()
    connection.execute("create schema rules; create table rules.scoring_models as select unnest(['decayed', 'Reviewed', 'reviewed_2']) as scoring_model")
    assert candidate_name(connection) == "reviewed_3"


@pytest.mark.parametrize("option, value", [
    ("--draws", "0"), ("--seed", "-1"), ("--prior", "inf"), ("--prior", "0"), ("--false-discovery-rate", "5"), ("--min-conversions", "0"), ("--draws", "x"),
])
def test_a_value_that_cannot_be_right_is_refused(option, value, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main([option, value])
    assert ended.value.code == paths.BAD_USAGE and f"argument {option}: " in capsys.readouterr().err


def test_the_same_review_again_writes_the_same(reviewed, tmp_path):
    connection, out = reviewed
    def written():
        return [connection.execute(f"select * from main.{table.name} order by all").fetchall() for table in TABLES]

    before = written()
    command.run(connection, tmp_path)
    assert written() == before and (tmp_path / "report.md").read_text() == (out / "report.md").read_text()


def test_nobody_and_nothing_is_no_crash(compiled, tmp_path):
    for as_of in ("2026-05-31", None):
        page = command.run(compiled.run({}, as_of=as_of, wanted=NEEDED), tmp_path)
        assert "Changes proposed: 0," in page and "No landmark is usable yet, 0 rows" in page
        assert ("90 days to convert" if as_of else "# Review of no data") in page


def test_one_signal_is_reviewed_without_a_number_that_is_none(compiled, tmp_path):
    """A company that tracks one signal: its points are the scale, and the review doesn't break later builds."""
    days = [f"2025-{month:02d}-{day:02d}" for month in range(1, 13) for day in (5, 20)]
    raw = {
        "crm_accounts": [{"account_id": f"a{n}", "account_name": f"A{n}", "domain": f"a{n}.example", "created_at": "2024-01-01",
                          "loaded_at": "2025-12-31"} for n in range(200)],
        "crm_opportunities": [{"opportunity_id": f"o{n}", "account_id": f"a{n}", "stage": "Discovery", "is_closed": "false", "is_won": "false",
                               "amount_usd": "10", "created_at": days[3 + n % 18], "loaded_at": "2025-12-31"} for n in range(0, 120)],
        "product_events": [{"event_id": f"e{n}", "account_id": f"a{n % 90}", "event_type": "login", "occurred_at": days[(7 * n) % 24],
                            "loaded_at": "2025-12-31"} for n in range(600)],
    }
    connection = compiled.run(raw, as_of="2025-12-31", wanted=NEEDED)
    page = command.run(connection, tmp_path)
    findings = dict(connection.execute("select signal, finding from main.review_points where log_odds is not null").fetchall())
    assert len(findings) == 1 and all(finding.startswith("no suggestion") for finding in findings.values())
    assert "nan" not in page


def test_a_review_and_a_build_keep_apart(tmp_path, monkeypatch, capsys):
    database = tmp_path / "some.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(LAST_BUILD)

    def run(connection, out, settings):
        with pytest.raises(paths.Busy, match="Another build is running"), paths.lock_of(database):
            pass
        return f"reviewed into {out}"

    monkeypatch.setattr(command, "run", run)
    with paths.lock_of(database):
        assert cli.run("review", ["--database", str(database)]) == paths.BUSY
    said = capsys.readouterr()
    assert said.out == "" and "Another build is running: process" in said.err
    assert cli.run("review", ["--database", str(database)]) == 0
    assert capsys.readouterr().out == f"reviewed into {tmp_path / 'review'}\n"


def test_a_missing_or_empty_database_is_named(tmp_path, capsys):
    assert cli.run("review", ["--database", str(tmp_path / "none.duckdb")]) == paths.FAILED
    assert "make build" in capsys.readouterr().err
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    assert cli.run("review", ["--database", str(empty)]) == paths.FAILED
    assert "Build it with this version first" in capsys.readouterr().err
