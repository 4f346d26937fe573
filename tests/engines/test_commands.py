"""Three days on another engine, and after them every command, as on DuckDB. On PostgreSQL, readers see one published version in every transaction."""

import contextlib
import csv
import re
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from engagement import journals, paths, rules, warehouse
from engagement.privacy import keyed_hash
from engagement.warehouse import engine, schemas
from engagement.warehouse.mirror import Mirror
from engagement.warehouse.schemas import Schemas
from tests import harness
from tests.engines.compare import differences
from tests.engines.servers import page_sql
from tests.engines.site import COMMANDS, KEY, MODELS, Site, different_files, project_in, target_of
from tests.harness import ROOT, SAMPLE, environment

MARTS = ["account_scores", "sales_queue", "score_bands"]
# what depends on the day before, and all that it needs
DAILY = ["--select", *(f"+{name}" for name in harness.DAILY)]
on_postgres = pytest.mark.parametrize("server", ["postgres"], indirect=True)
PERSON = "ana@acme.example"


@dataclass(frozen=True)
class Day:
    """The files of a day, and the database that DuckDB has after it."""

    raw: Path
    database: Path


def rows_until(folder: Path, until: str) -> None:
    """Leaves in each file what was loaded before that day."""
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as old:
            header, *rows = csv.reader(old)
        loaded_at = header.index("loaded_at") if "loaded_at" in header else None
        with file.open("w", newline="", encoding="utf-8") as new:
            csv.writer(new, lineterminator="\n").writerows([header, *(row for row in rows if loaded_at is None or row[loaded_at] < until)])


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory) -> Site:
    folder = tmp_path_factory.mktemp("days")
    return Site(project_in(folder / "project", folder / "raw"), "duckdb", RAW_DATA=folder / "raw")


@pytest.fixture(scope="module")
def days(on_duckdb) -> list[Day]:
    """Three days of the sample, with late rows, corrected ones and withdrawn ones, as DuckDB builds them. The last one has all,
    and is published."""
    project, folder, found = on_duckdb.project, on_duckdb.project.raw_data.parent, []
    for until in ("2026-05-30", "2026-05-31", "2026-06-01"):
        shutil.copytree(SAMPLE, folder / "raw", dirs_exist_ok=True)
        rows_until(folder / "raw", until)
        if until == "2026-05-31":
            emails = folder / "raw" / "email_events.csv"
            lines = emails.read_text().splitlines(keepends=True)
            # one row is gone, and another one says something else
            del lines[5000]
            lines[6000] = lines[6000].replace(",open,", ",click,")
            emails.write_text("".join(lines))
        on_duckdb.dbt("build", *MODELS, *DAILY) if until < "2026-06-01" else on_duckdb.build()
        shutil.copytree(folder / "raw", folder / until)
        shutil.copy(project.database, folder / f"{until}.duckdb")
        found.append(Day(folder / until, folder / f"{until}.duckdb"))
    return found


@pytest.fixture(scope="module")
def site(server, request, tmp_path_factory) -> Site:
    """The same three days on a server, the last one built and published by the command."""
    server.clear()
    found = Site(project_in(tmp_path_factory.mktemp(server.target) / "project"), server.target, **server.environment)
    first, second, last = request.getfixturevalue("days")
    server.load(first.raw)
    found.dbt("build", *MODELS, *DAILY)
    server.load(second.raw)
    found.dbt("run", *DAILY)
    journals = ["score_changes", "score_alerts", "published_scores", "account_score_history", "account_scores"]
    assert differences(second.database, server, only=journals) == []
    server.load(last.raw)
    found.build()
    return found


def test_three_days_with_late_corrected_and_withdrawn_rows(server, site, days):
    assert differences(days[-1].database, server) == []
    site.dbt("test", "--select", "test_type:unit")


# the same as on DuckDB

def test_a_build_publishes_and_says_so(site):
    version, = site.versions
    assert re.search(
        rf"Built \d+ marts as of 2026-05-31. Published version {version}: schema published of target {site.target}. Dashboard: ", site.said
    ), site.said
    assert "Harbor Labs" in site.said and "web_events" in site.said and (site.folder / "runs.jsonl").is_file()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_command_says_what_it_says_on_duckdb(site, on_duckdb, command):
    ours, theirs = (place.says(*command) for place in (on_duckdb, site))
    assert theirs == ours and len(theirs) > 100


def test_exported_and_sent_files_and_the_dashboard_are_those_of_duckdb(site, on_duckdb, tmp_path):
    assert different_files(on_duckdb, site, tmp_path) == []


def test_a_review_leaves_the_same_tables_and_they_are_published(server, site, on_duckdb):
    reports = []
    for place in (on_duckdb, site):
        assert place.run("review", "--draws", "50")[0] == 0 and place.run("publish")[0] == 0
        reports.append((place.folder / "review" / "report.md").read_text().split("\nChanges proposed")[0])
    assert reports[0] == reports[1] and server.query("select count(*) > 10 from published.review_points") == [(True,)]


def test_an_edited_rule_is_compared_with_what_is_published(server, site, on_duckdb):
    said, before = [], server.query("select * from main.account_scores order by account_id")
    for place in (on_duckdb, site):
        rows = place.project.seed("signals")
        place.project.write_seed("signals", [row | {"points": "40"} if row["signal"] == "email_click" else row for row in rows])
        code, text = place.run("what-if")
        assert code == 0, text
        said.append(re.sub(r"version \S+,|The scores by these rules: .*", "", text))
        place.project.write_seed("signals", rows)
    assert said[0] == said[1] and "email_click points 5 -> 40" in said[0]
    assert server.query("select * from main.account_scores order by account_id") == before
    # neither the log of builds nor the tables of the build were touched
    assert server.query("select is_complete from runs.last_build") == [(True,)]
    assert server.query("select count(*) > 0 from what_if.account_scores") == [(True,)]


def test_what_is_duckdbs_own_says_so(site):
    assert site.run("check") == (paths.BAD_USAGE, "Only DuckDB reads files, so only its target has files to check. Elsewhere the build says what"
                                 " is wrong with raw tables.\n")


# publication

@pytest.fixture
def next_build(server):
    """Makes the last build another one, which has a number in some marts and everywhere in the log of builds."""
    def build(number: int, is_masked: bool = False) -> None:
        server.query(f"update runs.last_build set invocation_id = 'build {number}', masks_personal_data = {is_masked}")
        server.query(f"update main.account_scores set next_action = '{number}'; update main.sales_queue set next_action = '{number}'")
        server.query(f"update rules.score_bands set goal = '{number}'")
    return build


@on_postgres
def test_the_build_has_the_settings_and_rights_of_the_page(server):
    settings = re.findall(r"alter role dbt set (\w+) = '?(\w+)'?;", (ROOT / "docs" / "engines.md").read_text())
    assert len(settings) == 4 and {name: server.query(f"show {name}")[0][0] for name, _ in settings} == dict(settings)
    # all that it does here it does without further rights
    assert server.query("select rolsuper, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user") == [(False, False, False)]


@on_postgres
def test_descriptions_are_comments(server, site):
    ((comment,),) = server.query("select obj_description('published.review_points'::regclass)")
    assert comment.startswith("One row per")


@on_postgres
def test_a_build_that_fails_publishes_nothing(server, site):
    before = server.query("select * from published.publication"), site.versions
    (site.project.folder / "tests" / "assert_wrong.sql").write_text("select 1 as wrong")
    code, said = site.run("build", "--select", "assert_wrong", "assert_ledger_sums_to_score")
    assert code == 1 and "Not published. dbt did not succeed: test assert_wrong" in said and f"Readers keep version {before[0][0][0]}." in said
    code, said = site.run("publish")
    assert code == 1 and "The last build is not complete: 1 of its models, seeds and tests failed" in said
    assert (server.query("select * from published.publication"), site.versions) == before
    (site.project.folder / "tests" / "assert_wrong.sql").unlink()
    server.query("update runs.last_build set is_complete = true")


@on_postgres
def test_readers_see_one_version_in_every_transaction_and_their_views_and_rights_stay(server, site, next_build):
    next_build(1)
    assert site.run("publish")[0] == 0
    server.query("create schema theirs; create view theirs.hot as select account_name, score, next_action from published.account_scores")
    server.as_admin(*page_sql("create role bi"))
    seen, faults, ended = [], [], threading.Event()

    def read(number: int) -> None:
        queries = ["select max(invocation_id) from published.publication"] + [
            f"select distinct {column} from published.{mart}" for mart, column in zip(MARTS, ("next_action", "next_action", "goal"))
        ]
        try:
            with contextlib.closing(server.connect("bi")) as connection:
                while not ended.is_set():
                    cursor, found = connection.cursor(), []
                    # in an order of its own, with time for a publication in between
                    for query in (queries if number % 2 else queries[::-1]):
                        cursor.execute(query)
                        found += [str(value).removeprefix("build ") for value, in cursor.fetchall()]
                        time.sleep(0.01 * number)
                    connection.commit()
                    seen.append(found)
                    time.sleep(0.1)
        except psycopg2.Error as error:
            faults.append(error)

    readers = [threading.Thread(target=read, args=[number]) for number in range(4)]
    for reader in readers:
        reader.start()
    for number in range(2, 6):
        next_build(number)
        code, said = site.run("publish")
        assert code == 0, said
        assert server.query("select distinct next_action from theirs.hot") == [(str(number),)]
    ended.set()
    for reader in readers:
        reader.join()
    assert faults == [] and [found for found in seen if len(set(found)) > 1] == []
    assert {number for found in seen for number in found} >= {"2", "3", "4", "5"} and len(site.versions) == 3


@on_postgres
def test_a_reader_who_does_not_end_stops_the_publication_and_no_other_reader(server, site, next_build, monkeypatch):
    monkeypatch.setattr(schemas, "SWITCH_TRIED_FOR", 1)
    next_build(6)
    before = site.versions
    with contextlib.closing(server.connect()) as reader:
        reader.cursor().execute("select * from published.account_scores limit 1")
        code, said = site.run("publish")
        assert code == paths.BUSY and "Readers have kept the views in schema published of target postgres open for 1 seconds" in said
        assert server.query("select distinct next_action from published.account_scores") == [("5",)]
        # nobody has seen what was written, so it doesn't count as published
        assert site.versions == before
    assert site.run("publish")[0] == 0 and server.query("select distinct next_action from published.account_scores") == [("6",)]
    next_build(7)
    assert site.run("publish")[0] == 0 and len(site.versions) == 3


@on_postgres
def test_columns_that_change_take_no_view_of_others_along(server, site, next_build):
    server.query("alter table main.sales_queue rename column reason to main_reason")
    server.query("alter table main.account_scores rename column next_action to next_step")
    server.query("update runs.last_build set invocation_id = 'build 8'")
    before = server.query("select version from published.publication")
    code, said = site.run("publish")
    assert code == 1 and "cannot drop view" in said and "theirs.hot" in said and server.query("select version from published.publication") == before
    server.query("drop view theirs.hot")
    assert site.run("publish")[0] == 0
    assert server.query("select count(next_step) > 0 from published.account_scores") == server.query("select count(main_reason) > 0 from published.sales_queue") == [(True,)]
    server.query("alter table main.sales_queue rename column main_reason to reason; alter table main.account_scores rename column next_step to next_action")
    next_build(9)
    assert site.run("publish")[0] == 0


@on_postgres
def test_masks_are_applied_and_versions_in_clear_go(server, site, next_build):
    clear = dict(server.query("select person_id, email from published.contact_scores where email is not null"))
    next_build(10, is_masked=True)
    assert site.run("publish")[0] == 0

    def masked(value):
        return "masked-" + keyed_hash(KEY, value, "mask")[:16]

    found = server.query("select person_id, email, full_name, job_title from published.contact_scores where email is not null")
    assert {(person, email) for person, email, *_ in found} == {(masked(person), masked(email)) for person, email in clear.items()} and len(clear) > 50
    assert {name in (None, person) for person, _, name, _ in found} == {True} and {title for *_, title in found} == {None}
    assert len(site.versions) == 1
    next_build(11)
    assert site.run("publish")[0] == paths.HELD and site.run("publish", "--yes")[0] == 0


@on_postgres
def test_two_builds_keep_apart_on_two_machines(server, site, tmp_path):
    with site.here(), warehouse.current().lock(), environment(ENGAGEMENT_DB=tmp_path / "engagement.duckdb"):
        with pytest.raises(paths.Busy, match="Another machine is building in target postgres"), warehouse.current().lock(0):
            pass
        with pytest.raises(paths.Busy, match="Another build is running"), environment(**site.settings), warehouse.current().lock():
            pass
    with site.here(), warehouse.current().lock():
        pass


@on_postgres
def test_a_lost_connection_is_opened_again_and_takes_the_lock_again(server, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "UNUSED", 0)

    def lose():
        server.query("select pg_terminate_backend(pid, 10000) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()")

    def place(folder):
        monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / folder / "engagement.duckdb"))
        return Schemas(target_of(server))

    first = place("first")
    with first.lock():
        lose()
        first.shown_version()
        with pytest.raises(paths.Busy, match="Another machine is building in target postgres"), place("second").lock(0):
            pass
        lose()
        server.query(first.sql.try_lock)
        with pytest.raises(paths.Busy, match="The connection to target postgres was lost, and another machine is building there now"):
            first.shown_version()
        server.query("select pg_advisory_unlock_all()")
        first.engine.write_csv("select 1", tmp_path / "rows.csv")
        assert (tmp_path / "rows.csv").read_text() == '"1"\n'


@on_postgres
def test_a_connection_that_is_lost_while_a_statement_runs_is_one_message(server):
    lost = engine.Engine(target_of(server))
    with pytest.raises(engine.EngineError, match="Target postgres: .* closed the connection"):
        lost.together(["select pg_terminate_backend(pg_backend_pid())"])
    assert lost.query("select 1") == [(1,)]


@on_postgres
def test_what_builds_that_nobody_published_wrote_into_the_journals_is_taken_back(server, site):
    def rows():
        return [server.query(f"select count(*) from main.{name}")[0][0] for name in journals.JOURNALS]

    def before_build(changed):
        with site.here(), (place := warehouse.current()).opened() as reader:
            place.published(reader)
            same = rules.rules_of_version(reader)
            journals.keep_or_take_back(reader, place, same | changed)

    first = rows()
    before_build({("signals", "new"): {"signal": "new"}})
    for name in journals.JOURNALS:
        server.query(f"insert into main.{name} select * from main.{name} limit 1")
    # a build by changed rules, which nobody confirmed
    version, = server.query("select config_version from intermediate.int_config_version")[0]
    server.query("update intermediate.int_config_version set config_version = 'other'; update runs.last_build set invocation_id = 'unpublished'")
    before_build({})
    assert rows() == first and server.query("select count(*) > 0 from held.score_changes") == [(True,)]
    server.query(f"update intermediate.int_config_version set config_version = '{version}'")
    before_build({})
    assert rows() == first and server.query("select 1 from pg_namespace where nspname = 'held'") == []
    # a build that lost data
    for name in journals.JOURNALS:
        server.query(f"insert into main.{name} select * from main.{name} limit 1")
    with site.here():
        journals.as_published(warehouse.current())
    assert rows() == first


# people

def test_a_person_is_forgotten_once_the_raw_tables_are_clean(server, site, tmp_path, monkeypatch):
    def rows(table: str, condition: str) -> int:
        return server.query(f"select count(*) from {table} where {condition}")[0][0]

    loaded, load = [], Mirror.load
    monkeypatch.setattr(Mirror, "load", lambda mirror, table, *others: (loaded.append(table), load(mirror, table, *others)))
    code, said = site.run("forget", PERSON)
    assert code == 1 and re.search(r"Nothing was built yet: raw\.content_events, raw\.crm_contacts, raw\.web_events still hold forgotten people", said)
    assert rows("published.contact_scores", f"email = '{PERSON}'") == 1 and rows("main.score_changes", "main_person_id = 'acme-ana'") > 0
    server.load(without(PERSON, tmp_path))
    code, said = site.run("forget", PERSON)
    assert code == 0 and f"No trace of the person remains in any table of target {site.target}." in said, said
    # texts are looked at one by one, although the place of each is in the SQL, and no large table is copied to this machine
    assert len(loaded) > 100 and not {table for table in loaded if table.startswith('"warehouse"') and ("account_timeline" in table or "int_events" in table)}
    assert rows("main.score_changes", "main_person_id = 'acme-ana'") == 0 and rows("published.contact_scores", "account_id = 'acme'") == 1
    assert len(site.versions) == 1 and not [name for name in site.schemas if name.startswith("what_if")]


def without(person: str, folder: Path) -> Path:
    """The raw tables that name a person, without those rows."""
    for file in SAMPLE.glob("*.csv"):
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if person not in line]
        if len(kept) < len(lines):
            (folder / file.name).write_text("".join(kept), encoding="utf-8")
    return folder
