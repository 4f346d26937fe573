"""The commands on PostgreSQL say what they say on DuckDB, and readers see one published version in every transaction."""

import contextlib
import re
import threading
import time

import psycopg2
import pytest

from engagement import journals, paths, publish, rules, warehouse
from engagement.privacy import keyed_hash
from engagement.warehouse import schemas
from engagement.warehouse.mirror import Mirror
from tests.engines.servers import create_raw_tables
from tests.engines.site import COMMANDS, KEY, Site, different_files
from tests.harness import ROOT, SAMPLE, Project, environment

MARTS = ["account_scores", "sales_queue", "score_bands"]


class Commands:
    """The sample, built by the command on PostgreSQL, and by dbt on DuckDB."""

    def __init__(self, built_sample, server, folder) -> None:
        self.duckdb, self.project = built_sample.copy(folder / "duckdb"), Project(folder / "postgres")
        self.dsn = server.new_database("commands")
        self.settings = {"POSTGRES_PORT": server.port, "POSTGRES_DB": "commands"}
        self.connection = self.connect()
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        create_raw_tables(self.cursor, "raw", SAMPLE)

    def connect(self, **others: str) -> psycopg2.extensions.connection:
        return psycopg2.connect(self.dsn, **others)

    def sql(self, statement: str) -> list[tuple]:
        self.cursor.execute(statement)
        return self.cursor.fetchall() if self.cursor.description else []

    def versions(self) -> list[str]:
        return [name for name, in self.sql("select nspname from pg_namespace where nspname like 'published_v%' order by 1")]


@pytest.fixture(scope="module")
def built(built_sample, postgres, tmp_path_factory):
    found = Commands(built_sample, postgres, tmp_path_factory.mktemp("commands"))
    with environment(ENGAGEMENT_DB=found.duckdb.database):
        assert publish.main([]) == 0
    yield found
    found.connection.close()


@pytest.fixture
def both(built):
    """(on DuckDB, on PostgreSQL)"""
    return Site(built.duckdb, "duckdb"), Site(built.project, "postgres", **built.settings)


@pytest.fixture
def site(both):
    return both[1]


@pytest.fixture
def next_build(built, site):
    """Makes the last build another one, which has a number in some marts and everywhere in the log of builds."""
    def build(number: int, is_masked: bool = False) -> None:
        built.sql(f"update runs.last_build set invocation_id = 'build {number}', masks_personal_data = {is_masked}")
        built.sql(f"update main.account_scores set next_action = '{number}'; update main.sales_queue set next_action = '{number}'")
        built.sql(f"update rules.score_bands set goal = '{number}'")
    return build


def test_the_server_has_the_settings_of_the_page(built):
    settings = re.findall(r"alter role dbt set (\w+) = '?(\w+)'?;", (ROOT / "docs" / "engines.md").read_text())
    assert len(settings) == 4 and {name: built.sql(f"show {name}")[0][0] for name, _ in settings} == dict(settings)


# the same as on DuckDB

def test_a_build_publishes_and_says_so(site, built):
    code, said = site.run("build")
    assert code == 0, said
    version, = built.sql("select version from published.publication")[0]
    assert re.search(rf"Built \d+ marts as of 2026-05-31. Published version {version}: schema published of target postgres. Dashboard: ", said)
    assert "Harbor Labs" in said and "web_events" in said
    assert (site.folder / "runs.jsonl").is_file() and built.versions() == [f"published_v{version.lower()}"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_says_what_it_says_on_duckdb(both, command):
    ours, theirs = (site.says(*command) for site in both)
    assert theirs == ours and len(theirs) > 100


def test_exported_and_sent_files_and_the_dashboard_are_those_of_duckdb(both, tmp_path):
    assert different_files(*both, tmp_path) == []


def test_a_review_leaves_the_same_tables_and_they_are_published(both, built):
    reports = []
    for site in both:
        assert site.run("review", "--draws", "50")[0] == 0
        assert site.run("publish")[0] == 0
        reports.append((site.folder / "review" / "report.md").read_text().split("\nChanges proposed")[0])
    assert reports[0] == reports[1]
    (found,) = built.sql("select count(*) > 10, obj_description('published.review_points'::regclass) from published.review_points")
    assert found[0] and found[1].startswith("One row per")


def test_an_edited_rule_is_compared_with_what_is_published(both, built):
    said = []
    before = built.sql("select * from main.account_scores order by account_id")
    for site in both:
        rows = site.project.seed("signals")
        site.project.write_seed("signals", [row | {"points": "40"} if row["signal"] == "email_click" else row for row in rows])
        code, text = site.run("what-if")
        assert code == 0
        said.append(re.sub(r"version \S+,|The scores by these rules: .*", "", text))
        site.project.write_seed("signals", rows)
    assert said[0] == said[1] and "email_click points 5 -> 40" in said[0]
    assert built.sql("select * from main.account_scores order by account_id") == before
    # neither the log of builds nor the tables of the build were touched
    assert built.sql("select is_complete from runs.last_build") == [(True,)] and built.sql("select count(*) > 0 from what_if.account_scores") == [(True,)]


def test_what_is_duckdbs_own_says_so(site):
    assert site.run("check") == (paths.BAD_USAGE, "Only DuckDB reads files, so only its target has files to check. Elsewhere the build says what"
                                 " is wrong with raw tables.\n")


# publication

def test_a_build_that_fails_publishes_nothing(site, built):
    before = built.sql("select * from published.publication"), built.versions()
    (site.project.folder / "tests" / "assert_wrong.sql").write_text("select 1 as wrong")
    code, said = site.run("build", "--select", "assert_wrong", "assert_ledger_sums_to_score")
    assert code == 1 and "Not published. dbt did not succeed: test assert_wrong" in said and f"Readers keep version {before[0][0][0]}." in said
    code, said = site.run("publish")
    assert code == 1 and "The last build is not complete: 1 of its models, seeds and tests failed" in said
    assert (built.sql("select * from published.publication"), built.versions()) == before
    (site.project.folder / "tests" / "assert_wrong.sql").unlink()
    built.sql("update runs.last_build set is_complete = true")


def test_readers_see_one_version_in_every_transaction_and_their_views_and_rights_stay(site, built, next_build):
    next_build(1)
    assert site.run("publish")[0] == 0
    built.sql("create schema theirs; create view theirs.hot as select account_name, score, next_action from published.account_scores")
    built.sql("create role reader login; grant usage on schema published to reader; grant select on all tables in schema published to reader")
    seen, faults, ended = [], [], threading.Event()

    def read(number: int) -> None:
        queries = ["select max(invocation_id) from published.publication"] + [
            f"select distinct {column} from published.{mart}" for mart, column in zip(MARTS, ("next_action", "next_action", "goal"))
        ]
        try:
            with contextlib.closing(built.connect(user="reader")) as connection:
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
        assert built.sql("select distinct next_action from theirs.hot") == [(str(number),)]
    ended.set()
    for reader in readers:
        reader.join()
    assert faults == [] and [found for found in seen if len(set(found)) > 1] == []
    assert {number for found in seen for number in found} >= {"2", "3", "4", "5"} and len(built.versions()) == 3


def test_a_reader_who_does_not_end_stops_the_publication_and_no_other_reader(site, built, next_build, monkeypatch):
    monkeypatch.setattr(schemas, "SWITCH_TRIED_FOR", 1)
    next_build(6)
    with contextlib.closing(built.connect()) as reader:
        reader.cursor().execute("select * from published.account_scores limit 1")
        code, said = site.run("publish")
        assert code == paths.BUSY and "Readers have kept the views in schema published of target postgres open for 1 seconds" in said
        assert built.sql("select distinct next_action from published.account_scores") == [("5",)]
    assert site.run("publish")[0] == 0 and built.sql("select distinct next_action from published.account_scores") == [("6",)]
    # what was written for the first try goes with the next old versions
    next_build(7)
    assert site.run("publish")[0] == 0 and len(built.versions()) == 3


def test_columns_that_change_take_no_view_of_others_along(site, built, next_build):
    built.sql("alter table main.sales_queue rename column reason to main_reason")
    built.sql("alter table main.account_scores rename column next_action to next_step")
    built.sql("update runs.last_build set invocation_id = 'build 8'")
    before = built.sql("select version from published.publication")
    code, said = site.run("publish")
    assert code == 1 and "cannot drop view" in said and "theirs.hot" in said and built.sql("select version from published.publication") == before
    built.sql("drop view theirs.hot")
    assert site.run("publish")[0] == 0
    assert built.sql("select count(next_step) > 0 from published.account_scores") == built.sql("select count(main_reason) > 0 from published.sales_queue") == [(True,)]
    built.sql("alter table main.sales_queue rename column main_reason to reason; alter table main.account_scores rename column next_step to next_action")
    next_build(9)
    assert site.run("publish")[0] == 0


def test_masks_are_applied_and_versions_in_clear_go(site, built, next_build):
    clear = dict(built.sql("select person_id, email from published.contact_scores where email is not null"))
    next_build(10, is_masked=True)
    assert site.run("publish")[0] == 0

    def masked(value):
        return "masked-" + keyed_hash(KEY, value, "mask")[:16]

    found = built.sql("select person_id, email, full_name, job_title from published.contact_scores where email is not null")
    assert {(person, email) for person, email, *_ in found} == {(masked(person), masked(email)) for person, email in clear.items()} and len(clear) > 50
    assert {name in (None, person) for person, _, name, _ in found} == {True} and {title for *_, title in found} == {None}
    assert len(built.versions()) == 1
    next_build(11)
    assert site.run("publish")[0] == 0


def test_two_builds_keep_apart_on_two_machines(site, built, tmp_path):
    with site.here(), warehouse.current().lock(), environment(ENGAGEMENT_DB=tmp_path / "engagement.duckdb"):
        with pytest.raises(paths.Busy, match="Another machine is building in target postgres"), warehouse.current().lock(0):
            pass
        with pytest.raises(paths.Busy, match="Another build is running"), environment(**site.settings), warehouse.current().lock():
            pass
    with site.here(), warehouse.current().lock():
        pass


def test_what_builds_that_nobody_published_wrote_into_the_journals_is_taken_back(site, built):
    def rows():
        return [built.sql(f"select count(*) from main.{name}")[0][0] for name in journals.JOURNALS]

    def before_build(changed):
        with site.here(), (place := warehouse.current()).opened() as reader:
            place.published(reader)
            same = rules.rules_of_version(reader)
            journals.keep_or_take_back(reader, place, same | changed)

    first = rows()
    before_build({("signals", "new"): {"signal": "new"}})
    for name in journals.JOURNALS:
        built.sql(f"insert into main.{name} select * from main.{name} limit 1")
    # a build by changed rules, which nobody confirmed
    version, = built.sql("select config_version from intermediate.int_config_version")[0]
    built.sql("update intermediate.int_config_version set config_version = 'other'; update runs.last_build set invocation_id = 'unpublished'")
    before_build({})
    assert rows() == first and built.sql("select count(*) > 0 from held.score_changes") == [(True,)]
    built.sql(f"update intermediate.int_config_version set config_version = '{version}'")
    before_build({})
    assert rows() == first and built.sql("select 1 from pg_namespace where nspname = 'held'") == []


# people

def test_a_person_is_forgotten_once_the_raw_tables_are_clean(site, built, monkeypatch):
    loaded, load = [], Mirror.load
    monkeypatch.setattr(Mirror, "load", lambda mirror, table, *others: (loaded.append(table), load(mirror, table, *others)))
    code, said = site.run("forget", "ana@acme.example")
    assert code == 1 and re.search(r"Nothing was built yet: raw\.content_events, raw\.crm_contacts, raw\.web_events still hold forgotten people", said)
    assert built.sql("select count(*) > 0 from published.contact_scores where email = 'ana@acme.example'") == [(True,)]
    for table in ("content_events", "crm_contacts", "web_events"):
        built.sql(f"delete from raw.{table} where email = 'ana@acme.example'")
    code, said = site.run("forget", "ana@acme.example")
    assert code == 0 and "No trace of the person remains in any table of target postgres." in said, said
    # texts are looked at one by one, although the place of each is in the SQL, and no large table is copied to this machine
    assert len(loaded) > 100 and not {table for table in loaded if table.startswith('"warehouse"') and ("account_timeline" in table or "int_events" in table)}
    assert built.sql("select count(*) from main.score_changes where main_person_id = 'acme-ana'") == [(0,)]
    assert built.sql("select count(*) from published.contact_scores where account_id = 'acme'") == [(1,)] and len(built.versions()) == 1
