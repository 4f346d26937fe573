"""Bad seeds and bad raw data end the build with their message and leave the last good marts in place."""

import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from harness import SAMPLE, Project, read_csv, write_csv

MARTS = ["account_scores", "score_ledger", "score_contributions", "contact_scores", "rejected_records", "source_coverage"]
# these and all that they need
SELECTED = ["--indirect-selection", "cautious", "--select", *(f"+{mart}" for mart in MARTS)]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A small project that is built once; every test breaks it in its own way and repairs it again."""
    folder = tmp_path_factory.mktemp("refusals")
    shutil.copytree(SAMPLE, folder / "raw")
    # a few rows of each table are enough
    for file in (folder / "raw").glob("*.csv"):
        write_csv(file, read_csv(file)[:60])
    project = Project(folder / "project", raw_data=folder / "raw")
    success, output = project.build(*SELECTED)
    assert success, output
    return project


def marts(project):
    return {mart: project.table(mart) for mart in MARTS}


@pytest.fixture
def refused(project):
    """Call it with what a broken build must print; checks that no mart has changed, and repairs the seeds and files."""
    before = marts(project)
    seeds = {file: file.read_bytes() for file in (project.folder / "seeds").glob("*.*")}
    raw = {file: file.read_bytes() for file in project.raw_data.glob("*.csv")}

    def check(*messages):
        success, output = project.build()
        assert not success
        for message in messages:
            assert message in output, output
        assert marts(project) == before

    yield check
    project.raw_data = next(iter(raw)).parent
    shutil.rmtree(project.raw_data)
    project.raw_data.mkdir()
    for file, content in {**seeds, **raw}.items():
        file.write_bytes(content)


def edit(project, table, change):
    file = project.raw_data / f"{table}.csv"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")


def test_faulty_seed_rows_are_all_named_at_once(project, refused):
    signals = project.seed("signals")
    signals[0]["persona"] = "ceo"
    signals[1]["half_life_days"] = "0"
    project.write_seed("signals", signals)
    bands = project.seed("score_bands")
    bands[0]["min_score"] = "5"
    project.write_seed("score_bands", bands)
    refused(
        "The seeds have faults. Nothing was built.",
        "seeds/signals.csv, line 2: persona is 'ceo', which is not in seeds/personas.csv."
        " Correct it, or add a row there (or use decision_maker).",
        "seeds/signals.csv, line 3: half_life_days is '0'. Use a number of at least 1.",
        "seeds/score_bands.csv, line 2: min_score of the lowest row does not start at 0, so there is a gap below it."
        " Start one row at 0.",
    )


def test_what_spreadsheet_programs_leave_behind_is_loaded_without_a_word(project):
    """Empty columns without a name, empty rows, two kinds of line ends: plain dbt loads them as if they were not there."""
    before = project.table("rules.signal_tiers"), project.table("rules.own_domains")
    tiers, domains = project.seed_file("signal_tiers"), project.seed_file("own_domains")
    shipped = {file: file.read_bytes() for file in (tiers, domains)}
    tiers.write_bytes(b"\xef\xbb\xbf" + shipped[tiers].replace(b"\n", b",,\r\n", 2).replace(b"playbook,\n", b"playbook,,,\n") + b",,,,,,\n\n")
    domains.write_bytes(b"Domain,comment\n,\nus.example,\n")
    # in a process of its own, as pytest would keep the warnings to itself
    with project.here():
        seeded = subprocess.run([Path(sys.executable).with_name("dbt"), "seed", "--select", "signal_tiers", "own_domains"], capture_output=True, text=True)
    assert seeded.returncode == 0 and "Warning" not in seeded.stdout + seeded.stderr, seeded
    assert project.table("rules.signal_tiers") == before[0] and project.table("rules.own_domains") == [("us.example", None)]
    for file, content in shipped.items():
        file.write_bytes(content)
    success, output = project.dbt("seed", "--select", "signal_tiers", "own_domains")
    assert success and (project.table("rules.signal_tiers"), project.table("rules.own_domains")) == before


def test_a_seed_that_was_never_loaded_is_named(project):
    with duckdb.connect(str(project.database)) as connection:
        connection.execute("drop table rules.signals cascade")
    success, output = project.dbt("run", "--select", "int_signals")
    assert not success and "seeds/signals.csv was not loaded. Run `dbt seed`, or build everything with `dbt build`." in output, output
    success, output = project.dbt("seed", "--select", "signals")
    assert success, output


def test_raw_data_that_break_the_contract_are_all_named_at_once(project, refused):
    """test_landing.py has the messages."""
    edit(project, "email_events", lambda text: text.replace("event_type", "kind", 1))
    edit(project, "ad_events", lambda text: "")
    refused(
        "doesn't match the landing contract. Nothing was built.", "email_events.csv lacks the column event_type. Found event_id,",
        "ad_events.csv is empty. Expected a header with the columns event_type, occurred_at",
    )
    (project.raw_data / "crm_contacts.csv").unlink()
    refused("crm_contacts: required, but not found. Expected", "with the column contact_id")


@pytest.mark.parametrize("command", ["compile", "parse", "test"])
def test_only_commands_that_build_models_read_the_raw_files(project, refused, command):
    project.raw_data = project.raw_data / "nowhere"
    success, output = project.dbt(command, *(["--select", "int_as_of_date"] if command != "parse" else []))
    assert success, output


@pytest.mark.parametrize("day, message", [("31.05.2026", "Write it as YYYY-MM-DD"), ("2099-01-01", "no row can have been loaded after"), ("2026-02-30", "no such day")])
def test_an_as_of_date_that_is_no_date_or_has_not_come_is_refused(project, refused, day, message):
    success, output = project.dbt("parse", "--vars", f"{{as_of_date: '{day}'}}")
    assert not success and f"Var as_of_date is '{day}'" in output and message in output


def test_vars_that_the_models_cannot_use_are_refused_together(project, refused):
    success, output = project.dbt(
        "run", "--select", "int_numbers", "--vars", "{timeline_days: -1, settled_after_days: 1.5, freshness_error_days: soon,"
        " most_unusable_share: abc, most_moved_share: 25 %, crm_account_url: https://crm.example/, raw_schema: '', engagement_schema_prefix: a-b}",
    )
    assert not success
    for message in (
        "Var timeline_days is -1. Write a whole number from 0 to 36500.", "Var settled_after_days is 1.5. Write a whole number from 0 to 365.",
        "Var freshness_error_days is soon. Write a whole number", "Var most_unusable_share is abc. Write a number from 0 to 1, such as 0.5.",
        "Var most_moved_share is 25 %. Write a number from 0 to 1", "Var crm_account_url is https://crm.example/, which has no {account_id}.",
        "Var raw_schema is empty.", "Var engagement_schema_prefix is a-b. Use letters, digits and underscores only",
    ):
        assert message in output, output


def test_after_all_repairs_the_build_is_as_before(project):
    before = marts(project)
    success, output = project.build(*SELECTED)
    assert success, output
    assert marts(project) == before


def test_missing_optional_tables_are_empty(project, compiled, tmp_path):
    for file in project.raw_data.glob("*.csv"):
        if file.stem in ("crm_accounts", "crm_contacts", "crm_opportunities", "crm_activities", "email_events", "web_events"):
            shutil.copy(file, tmp_path)
    coverage = compiled.run(tmp_path, wanted=MARTS).execute("select source_table, raw_rows, matched_rows, unmatched_rows from main.source_coverage").fetchall()
    rows = {table: count for table, count, *_ in coverage}
    assert ("ad_events", 0, 0, 0) in coverage
    assert rows["content_events"] == rows["product_events"] == 0 and rows["web_events"] == 60
