"""make review: what it writes is shown by the marts and fits the seeds; without it nothing fails."""

import csv

import duckdb
import pytest

import review_signals
from engagement import paths as warehouse
from harness import read_csv

REBUILD = ("build", "--exclude-resource-type", "unit_test", "--exclude-resource-type", "test", "--select", "signal_performance", "half_life_estimates")


@pytest.fixture(scope="module")
def reviewed(sample_project, tmp_path_factory):
    """The sample after a review with no regard for chance, so that there are changes to look at; and what was printed."""
    out = tmp_path_factory.mktemp("review")
    arguments = ["--database", str(sample_project.database), "--out", str(out), "--random-splits", "2", "--false-discovery-rate", "1"]
    assert review_signals.main(arguments) == 0
    success, output = sample_project.dbt(*REBUILD)
    assert success, output
    return out


def test_the_marts_show_the_review(sample_project, reviewed):
    rows = sample_project.query(
        "select suggestion, suggested_signal_points_low, suggested_signal_points, suggested_signal_points_high, adjusted_log_odds, reviewed_as_of_date"
        " from signal_performance where outcome = 'opportunity_created' and suggestion not like 'not enough data%'"
    )
    assert len(rows) > 20 and {row[0] for row in rows} >= {"change", "keep: our own act"}
    assert all(low < points < high and odds is not None and str(day) == "2026-05-31" for _, low, points, high, odds, day in rows)
    estimated = sample_project.query(
        "select half_life_days, coalesce(half_life_days_low, 0), coalesce(half_life_days_high, 1000) from half_life_estimates where finding = 'estimated'"
    )
    assert estimated and all(low <= days <= high for days, low, high in estimated)
    assert sample_project.query("select count(*) from signal_performance where suggestion = 'not reviewed yet'") == [(0,)]


def test_the_proposal_fits_the_seeds(compiled, sample_project, reviewed):
    """A person can put both files below the seeds as they are: no row is refused, and the candidate scores accordingly."""
    overrides, models = (read_csv(reviewed / f"{name}.csv") for name in ("signal_overrides", "scoring_models"))
    changes = dict(sample_project.query(
        "select signal, suggested_signal_points from signal_performance where outcome = 'opportunity_created' and suggestion = 'change'"
    ))
    assert {row["signal"] for row in overrides} == set(changes)
    for row in overrides:
        assert float(row["points"]) == max(0, int(float(changes[row["signal"]]) + 0.5) if changes[row["signal"]] > 0 else 0)
    seeds = {"signal_overrides": overrides, "scoring_models": compiled.default_seeds["scoring_models"] + models}
    assert compiled.seed_faults({**compiled.default_seeds, **seeds}) == []
    primary, candidate = compiled.default_seeds["scoring_models"][0], models[0]
    differing = {name for name in primary if primary[name] != candidate[name]}
    assert differing == {"scoring_model", "is_primary", "basis", "description"}
    with open(reviewed / "signal_overrides.csv", newline="") as file:
        assert next(csv.reader(file)) == list(compiled.seeds["signal_overrides"])


def test_a_review_of_other_rules_is_not_shown(sample_project, reviewed):
    signals = sample_project.seed("signals")
    try:
        sample_project.write_seed("signals", [{**row, "points": "7"} if row["signal"] == "email_click" else row for row in signals])
        success, output = sample_project.dbt(*REBUILD, "signals", "int_config_version")
        assert success, output
        assert sample_project.query("select count(*) from signal_performance where suggested_signal_points is not null") == [(0,)]
        assert sample_project.query("select count(*) from half_life_estimates where finding = 'not reviewed yet'")[0][0] > 20
    finally:
        sample_project.write_seed("signals", signals)


def test_the_same_review_again_writes_the_same(sample_project, reviewed, tmp_path):
    before = sample_project.query("select * from review.signal_fits order by all"), (reviewed / "signal_overrides.csv").read_text()
    success, output = sample_project.dbt(*REBUILD, "signals", "int_config_version")
    assert success, output
    assert review_signals.main(["--database", str(sample_project.database), "--out", str(tmp_path), "--random-splits", "2", "--false-discovery-rate", "1"]) == 0
    assert (sample_project.query("select * from review.signal_fits order by all"), (tmp_path / "signal_overrides.csv").read_text()) == before


def test_a_review_and_a_build_keep_apart(tmp_path, monkeypatch, capsys):
    database = tmp_path / "some.duckdb"
    duckdb.connect(str(database)).close()

    def review(connection, options):
        with pytest.raises(warehouse.Busy, match="Another build is running"), warehouse.lock_of(database):
            pass
        yield "reviewed"

    monkeypatch.setattr(review_signals, "review", review)
    with warehouse.lock_of(database):
        assert review_signals.main(["--database", str(database)]) == warehouse.BUSY
    said = capsys.readouterr()
    assert said.out == "" and "Another build is running: process" in said.err and said.err.endswith(" Run the same command again later.\n")
    assert review_signals.main(["--database", str(database)]) == 0 and capsys.readouterr().out == "reviewed\n"


def test_a_missing_or_empty_database_is_named(tmp_path):
    missing = tmp_path / "none.duckdb"
    assert "make build" in review_signals.main(["--database", str(missing)])
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    assert "lacks tables" in review_signals.main(["--database", str(empty)])
