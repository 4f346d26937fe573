"""The shipped sample is what its generator writes, and holds the cases it promises."""

import json
import re
import subprocess
import sys

import duckdb
import pytest

from engagement.landing.contract import read_contract
from harness import ROOT, SAMPLE, read_csv

TABLES = {table.name for table in read_contract()}
EVENTS = {table.name for table in read_contract() if table.is_event}
TRUTH = ROOT / "sample" / "truth"
GENERATOR = [sys.executable, "-m", "sample.generate"]


def generate(folder, *arguments):
    subprocess.run([*GENERATOR, "--out", str(folder), *arguments], check=True, capture_output=True)
    return folder


def test_the_generator_writes_the_shipped_sample(tmp_path):
    generate(tmp_path / "data", "--truth", str(tmp_path / "truth"))
    files = sorted([*SAMPLE.glob("*.csv"), *TRUTH.glob("*.csv")])
    written = {file.relative_to(tmp_path) for file in tmp_path.rglob("*.csv")}
    assert {file.relative_to(ROOT / "sample") for file in files} == written
    assert {file.stem for file in SAMPLE.glob("*.csv")} == TABLES and len(written) == len(TABLES) + 3
    for file in files:
        assert (tmp_path / file.relative_to(ROOT / "sample")).read_bytes() == file.read_bytes(), file.name


def test_the_sample_has_its_size():
    rows = {file.stem: len(read_csv(file)) for file in SAMPLE.glob("*.csv")}
    events = sum(count for table, count in rows.items() if table in EVENTS)
    assert 230 <= rows["crm_accounts"] <= 270 and 1150 <= rows["crm_contacts"] <= 1300 and 38000 <= events <= 42000
    assert sum(file.stat().st_size for file in SAMPLE.rglob("*.csv")) < 10_000_000


@pytest.mark.parametrize("account, score, band", [
    ("Acme Corp", 53, "Very Hot"), ("XYZ Inc", 12, "Warm"), ("Platform Inc", 68, "Very Hot"), ("Growth Co", 8, "Cold"),
])
def test_the_golden_accounts_have_their_scores(sample_project, account, score, band):
    assert sample_project.query(f"select score, band from account_scores where account_name = '{account}'") == [(score, band)]


def test_every_hard_case_comes_out_as_labelled(sample_project):
    """The labels of sample/truth/hard_cases.csv, checked where one query can tell."""
    cases = read_csv(TRUTH / "hard_cases.csv")

    def events(where):
        return dict(sample_project.query(f"select event_id, {where} from intermediate.int_event_identities"))

    account, person, method = events("account_id"), events("person_id"), events("match_method")
    rejected = dict(sample_project.query("select record_key, rejection_reason from rejected_records"))
    names = {row["case_name"] for row in cases}
    assert names >= {
        "exact duplicate", "corrected record", "late load", "future date", "unparsable time", "missing key", "free mail",
        "merged contact", "deleted contact", "visitor identified", "subdomain", "two accounts on one domain", "machine open",
        "unknown event type", "unknown person", "unicode", "reset", "unsubscribed", "won deal", "unreadable number",
    }
    keys = {name: [row["record_key"] for row in cases if row["case_name"] == name] for name in names}

    for row in cases:
        is_rejected = row["record_key"] in rejected or row["record_key"] is None
        assert is_rejected or not row["expected"].startswith("rejected"), row
    assert {account[key] for key in keys["subdomain"]} == {"case-visitor", None}
    assert {account[key] for key in keys["two accounts on one domain"] if key in account} == {"case-twin-b"}
    assert {person[key] for key in keys["merged contact"] if key in person} == {"case-merged-new"}
    assert {(account[key], person[key]) for key in keys["deleted contact"] if key in person} == {("case-deleted", None)}
    assert sorted(str(method[key]) for key in keys["visitor identified"] if key in method) == ["None", "email", "visitor", "visitor"]
    scores = dict(sample_project.query("select account_id, score from account_scores"))
    assert (scores["case-reset"], scores["case-unsubscribed"], scores["case-unicode"], scores["case-merged"]) == (5, 10, 5, 15)
    assert "case-won" not in scores
    assert sample_project.query("select count(*) from account_scores where engagement_state = 'none'")[0][0] >= 5
    biggest = sample_project.query("select max(n), median(n) from (select count(*) as n from intermediate.int_event_identities group by account_id)")
    assert biggest[0][0] > 10 * biggest[0][1]


def test_intent_drives_events_and_opportunities():
    """The hidden truth is in the data: warm weeks have more events, warm accounts more opportunities."""
    truth = f"'{TRUTH}/account_intent.csv'"
    ((warm, cold),) = duckdb.execute(f"""
        with weeks as (
            select accounts.account_id, mondays.week, coalesce(truth.intent, 0) > 0.5 as is_warm
            from '{SAMPLE}/crm_accounts.csv' as accounts
            cross join (select distinct week_starts_on as week from {truth}) as mondays
            left join {truth} as truth
                on truth.account_id = accounts.account_id and truth.week_starts_on = mondays.week
            where accounts.account_id like 'A0%'
        ),
        created as (
            select weeks.is_warm, opportunities.opportunity_id is not null as has_opportunity
            from weeks
            left join '{SAMPLE}/crm_opportunities.csv' as opportunities
                on opportunities.account_id = weeks.account_id
                and opportunities.created_at >= week and opportunities.created_at < week + interval 7 day
        )
        select avg(has_opportunity::int) filter (is_warm), avg(has_opportunity::int) filter (not is_warm) from created
    """).fetchall()
    assert warm > 3 * cold


def test_parquet_of_another_size_is_written_in_parts(tmp_path):
    generate(tmp_path, "--format", "parquet", "--events", "60000", "--accounts", "300", "--contacts", "900", "--days", "90")
    counts = {
        folder.name: duckdb.execute(f"select count(*) from '{folder}/*.parquet'").fetchall()[0][0]
        for folder in tmp_path.iterdir()
    }
    assert set(counts) == TABLES
    assert 54000 < sum(n for table, n in counts.items() if table in EVENTS) < 66000
    again = generate(tmp_path / "again", "--format", "parquet", "--events", "60000", "--accounts", "300", "--contacts", "900", "--days", "90")
    for table in counts:
        difference = duckdb.execute(
            f"(from '{tmp_path}/{table}/*.parquet' except all from '{again}/{table}/*.parquet')"
        ).fetchall()
        assert not difference


def test_no_point_ages_upwards(sample_project):
    """Ageing and expiry only take, as long as no signal has negative points."""
    assert sample_project.query("select * from score_changes where ageing_points > 1e-8 or expiry_points > 1e-8 or silence_points <> 0") == []


def test_every_query_in_analyses_runs(sample_project):
    """Those of the monthly review have a test of their own, which compares the rows with the page."""
    manifest = json.loads((sample_project.folder / "target" / "manifest.json").read_text())
    relations = {node["name"]: f"{node['schema']}.{node['alias']}" for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed")}
    files = [file for file in (ROOT / "analyses").glob("*.sql") if not file.name.startswith("monthly_review_")]
    assert len(files) == 3
    for file in files:
        query = re.sub(r"\{\{ ref\('(\w+)'\) \}\}", lambda found: relations[found[1]], file.read_text())
        assert sample_project.query(query) or file.stem == "published_and_restated", file.name
