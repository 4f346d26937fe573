"""Building again, as of another day, from other files, or with one more signal changes what it must and nothing else."""

import csv
import datetime as dt
from collections import defaultdict

import duckdb
import pytest

from harness import ROOT, SAMPLE

MARTS = {
    "main": ["account_scores", "account_group_scores", "score_ledger", "score_contributions", "contact_scores", "published_scores",
             "score_alerts", "score_changes", "sales_queue", "account_handoffs", "account_timeline", "crm_account_updates",
             "rejected_records", "source_coverage", "unmapped_events", "unmatched_engagement", "unusable_values", "signal_performance"],
    "intermediate": ["int_daily_points", "int_earned_points"],
}


def snapshot(query):
    """All rows of all marts, and how many rows the history has."""
    return {name: query(f"select * from {schema}.{name} order by all") for schema, names in MARTS.items() for name in names} | {
        "account_score_history": query("select count(*), sum(score_raw) from account_score_history")
    }


def snapshot_project(project):
    return snapshot(project.query)


def snapshot_connection(connection):
    return snapshot(lambda sql: connection.execute(sql).fetchall())


ALL_MARTS = (*(name for names in MARTS.values() for name in names), "account_score_history")


def test_a_rerun_changes_nothing(sample_project):
    before = snapshot_project(sample_project)
    success, output = sample_project.build()
    assert success, output
    assert snapshot_project(sample_project) == before


@pytest.fixture(scope="module")
def fast(compiled):
    """The sample in the compiled SQL."""
    return compiled.run(SAMPLE, wanted=ALL_MARTS)


def test_the_compiled_sql_gives_what_dbt_builds(sample_project, fast):
    """So that whatever other tests show with the compiled SQL holds for the real build."""
    quick, real = snapshot_connection(fast), snapshot_project(sample_project)
    # the harness lets journals begin earlier
    for journal in ("score_changes", "score_alerts"):
        assert set(real.pop(journal)) - set(quick.pop(journal)) == set() or journal == "score_changes"
    assert quick == real


def test_parquet_folders_give_what_csv_files_give(compiled, fast, tmp_path):
    for file in SAMPLE.glob("*.csv"):
        folder = tmp_path / file.stem
        folder.mkdir()
        # two files, and typed columns where every value is sound
        rows = f"read_csv('{file}', quote = '\"')"
        key = duckdb.execute(f"describe from {rows}").fetchall()[0][0]
        for part in (0, 1):
            duckdb.sql(f"copy (from {rows} where hash({key}) % 2 = {part}) to '{folder}/{part}.parquet'")
    before, after = snapshot_connection(fast), snapshot_connection(compiled.run(tmp_path, wanted=ALL_MARTS))
    # numbers are written otherwise in the raw row of a rejected record
    for snapshots in (before, after):
        snapshots["rejected_records"] = [row[:3] for row in snapshots["rejected_records"]]
    assert after == before


def test_yesterday_as_as_of_date_is_the_table_of_yesterday(compiled, tmp_path):
    """Yesterday's raw data gives yesterday's scores; so does today's, run as of yesterday, but for what loaded late."""
    newest = dt.date(2026, 5, 31)
    yesterday = newest - dt.timedelta(days=1)
    for name, keep in {
        "yesterday": lambda row: row["loaded_at"] < str(newest),
        # today's rows without those that happened before today
        "today": lambda row: row["loaded_at"] < str(newest) or (row.get("occurred_at") or "") >= str(newest),
    }.items():
        (tmp_path / name).mkdir()
        for file in SAMPLE.glob("*.csv"):
            with open(file, newline="", encoding="utf-8") as source, open(tmp_path / name / file.name, "w", newline="", encoding="utf-8") as target:
                reader = csv.DictReader(source)
                writer = csv.DictWriter(target, reader.fieldnames)
                writer.writeheader()
                writer.writerows(row for row in reader if keep(row))
    wanted = ("account_scores", "score_ledger", "score_contributions", "contact_scores", "account_group_scores")

    def tables(connection):
        return {name: connection.execute(f"select * from main.{name} order by all").fetchall() for name in wanted}

    then = tables(compiled.run(tmp_path / "yesterday", wanted=wanted))
    again = tables(compiled.run(tmp_path / "today", as_of=yesterday, wanted=wanted))
    assert then["account_scores"][0][-1] == yesterday
    assert again == then
    assert tables(compiled.run(tmp_path / "today", wanted=wanted)) != then


def test_a_signal_added_as_one_csv_row_changes_the_right_scores_and_nothing_else(compiled, fast):
    """Real builds with an edited seed: test_what_if.py and test_rule_changes.py."""
    signals = compiled.default_seeds["signals"]
    row = "ad_impression,Ad seen,3,2,ads,impression,,,,,,inbound,awareness,false,,,,30,,custom,true,".split(",")
    added = dict(zip(signals[0], (cell or None for cell in row), strict=True))
    edited = compiled.run(SAMPLE, {"signals": [*signals, added]}, wanted=("score_ledger", "account_scores", "unmapped_events"))

    def before_and_after(sql):
        return [connection.execute(sql).fetchall() for connection in (fast, edited)]

    # in the playbook model an impression also ends a silence, as any engagement does
    before, after = before_and_after(
        "select * from main.score_ledger where scoring_model = 'decayed' and coalesce(signal, '') <> 'ad_impression' order by all"
    )
    assert after == before
    _, points = before_and_after(
        "select account_id, sum(points) from main.score_ledger where signal = 'ad_impression' and scoring_model = 'decayed' group by 1"
    )
    assert len(points) > 10
    points = defaultdict(lambda: 0, points)
    before, after = before_and_after("select account_id, score_raw from main.account_scores order by 1")
    assert after == [(account, score + points[account]) for account, score in before]
    # the signal explains itself, and its events are no longer unmapped
    _, unmapped = before_and_after("select count(*) from main.unmapped_events where channel = 'ads'")
    assert unmapped == [(0,)]
    before, after = before_and_after("select distinct config_version from main.account_scores")
    assert before != after


@pytest.mark.parametrize("command", [("compile",), ("docs", "generate", "--empty-catalog"), ("show", "--inline", "select 1"), ("test", "--select", "int_numbers")])
def test_looking_at_a_build_leaves_it_publishable(sample_project, command):
    before = sample_project.query("from runs.last_build")
    success, output = sample_project.dbt(*command)
    assert success, output
    assert sample_project.query("from runs.last_build") == before


@pytest.mark.parametrize("mart", sorted(file.stem for file in ROOT.glob("models/marts/*/*.sql")))
def test_marts_hold_plain_exact_types_only(sample_project, mart):
    """No LIST, no STRUCT, and no floating point column, so neither NaN nor infinity can be in a mart."""
    types = {row[1] for row in sample_project.query(f"describe {mart}")}
    allowed = {"VARCHAR", "INTEGER", "BIGINT", "BOOLEAN", "DATE", "TIMESTAMP"}
    assert {kind for kind in types if not kind.startswith("DECIMAL(")} <= allowed
