"""Readers always find one complete set of marts: while builds run, when they fail, and when a publication is killed."""

import datetime as dt
import os
import resource
import signal
import subprocess
import sys

import duckdb
import pytest

from engagement import paths, publish
from engagement.warehouse import duckdb_file, versions
from harness import ROOT, SAMPLE, environment
from small_warehouse import MARTS, Readers, another_version, place, shown, write_warehouse

def files(serving):
    return sorted(file.name for file in serving.iterdir())


def assert_tidy(serving, others=frozenset()):
    """Nothing but versions, at most three, the link to one of them, and what others have put there."""
    *kept, link = sorted(set(files(serving)) - others)
    assert others <= set(files(serving))
    assert link == "marts.duckdb" and os.readlink(serving / link) in [f"{name}/marts.duckdb" for name in kept] and 1 <= len(kept) <= 3
    assert all(name.startswith("20") and name.endswith("Z") and files(serving / name) == ["marts.duckdb"] for name in kept)
    # nobody can write to one
    assert all((serving / name / "marts.duckdb").stat().st_mode & 0o222 == 0 for name in kept)


# what is published

def test_the_marts_of_a_build_are_published_whole_and_any_duckdb_reads_them(sample_project, tmp_path):
    with environment(ENGAGEMENT_DB=sample_project.database, ENGAGEMENT_SERVING=tmp_path / "serving"):
        assert publish.main([]) == 0
    # wherever somebody moves the folder
    (tmp_path / "serving").rename(tmp_path / "moved")
    link = tmp_path / "moved" / "marts.duckdb"
    with open(link, "rb") as file:
        # storage version 64 is that of DuckDB 0.10 to 1.1; later ones read it, too
        assert file.read(20)[8:] == b"DUCK" + (64).to_bytes(8, "little")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{sample_project.database}' as built (read_only); attach '{link}' as shown (read_only)")
        tables = {table for table, in connection.execute("select table_name from duckdb_tables() where database_name = 'shown'").fetchall()}
        seeds = {"score_bands", "alert_rules"}
        assert tables == {file.stem for file in ROOT.glob("models/marts/*/*.sql")} | seeds | {"publication", "scoring_rules"}
        for mart in tables - {"publication", "scoring_rules"}:
            both = [f"from built.{'rules' if mart in seeds else 'main'}.{mart}", f"from shown.main.{mart}"]
            assert connection.execute(f"{both[0]} except all {both[1]}").fetchall() == connection.execute(f"{both[1]} except all {both[0]}").fetchall() == []
        for objects, name in (("duckdb_tables()", "table_name"), ("duckdb_columns()", "table_name || '.' || column_name")):
            silent = connection.execute(f"select {name} from {objects} where database_name = 'shown' and coalesce(trim(comment), '') = ''").fetchall()
            assert silent == []
        assert "One row per prospect account" in connection.execute(
            "select comment from duckdb_tables() where database_name = 'shown' and table_name = 'account_scores'"
        ).fetchone()[0]
        ((version, as_of, rules, invocation, *_),) = connection.execute("from shown.publication").fetchall()
        assert connection.execute("select distinct as_of_date, config_version from built.account_scores").fetchall() == [(as_of, rules)]
        assert connection.execute("select invocation_id from built.runs.last_build").fetchall() == [(invocation,)]
    assert os.readlink(link) == f"{version}/marts.duckdb"


def test_three_versions_are_kept_and_an_open_one_can_be_read_to_the_end(small_database, serving):
    assert publish.main([]) == 0
    first = place(serving).shown_version()
    with duckdb.connect(str(serving / first / "marts.duckdb"), read_only=True) as reader:
        for number in range(2, 6):
            write_warehouse(small_database, number)
            assert publish.main([]) == 0
            assert shown(serving)[0] == number
            assert_tidy(serving)
        assert len(files(serving)) == 4 and first not in files(serving)
        assert reader.execute("select sum(number) from account_scores").fetchone() == (2000,)


def test_the_same_build_is_published_once(small_database, serving, capsys):
    assert publish.main([]) == 0
    before = {file: file.stat().st_mtime_ns for file in serving.rglob("*")}
    assert publish.main([]) == 0 and "Published before: version" in capsys.readouterr().out
    assert {file: file.stat().st_mtime_ns for file in serving.rglob("*")} == before


def test_no_version_is_overwritten_where_the_clock_is_set_back(small_database, serving, monkeypatch):
    for number, now in enumerate([dt.datetime(2026, 6, 2), dt.datetime(2026, 6, 1), dt.datetime(2026, 6, 1)], start=1):
        monkeypatch.setattr(versions, "utc_now", lambda: now)
        write_warehouse(small_database, number)
        assert publish.main([]) == 0 and shown(serving)[0] == number
    assert files(serving)[:-1] == [f"20260602T00000{second}Z" for second in range(3)]


def test_a_link_that_was_set_back_by_hand_leads_somewhere_until_the_next_publication(small_database, serving):
    for number in range(1, 5):
        write_warehouse(small_database, number)
        assert publish.main([]) == 0
    oldest, *_ = files(serving)
    # as docs/operations.md says it
    subprocess.run(["ln", "-sfn", f"{oldest}/marts.duckdb", serving / "marts.duckdb"], check=True)
    assert shown(serving)[0] == 2
    # a killed publication has left a version that was never shown, and the database was set back, too
    another_version(serving, "29990101T000000Z")
    write_warehouse(small_database, 2)
    assert publish.main([]) == 0 and shown(serving)[0] == 2
    write_warehouse(small_database, 5)
    assert publish.main([]) == 0 and shown(serving)[0] == 5
    assert place(serving).shown_version() == "29990101T000001Z"


def test_what_others_have_put_there_stays(small_database, serving, capsys):
    serving.mkdir()
    for name in ("mine.duckdb", "marts.duckdb"):
        (serving / name).write_text("mine")
    for _ in range(2):
        assert publish.main([]) == 1 and "marts.duckdb is not a link" in capsys.readouterr().err
    assert files(serving) == ["marts.duckdb", "mine.duckdb"]
    (serving / "marts.duckdb").unlink()
    assert publish.main([]) == 0 and (serving / "mine.duckdb").read_text() == "mine"


def test_odd_things_in_the_folder_are_no_traceback(small_database, serving, monkeypatch, capsys):
    """A link to itself, a version at the end of time, one that cannot be removed, and rests that are links or files."""
    serving.mkdir()
    remove = duckdb_file.remove

    def refused(path):
        if path.name == "20010101T000000Z":
            raise PermissionError(1, "Operation not permitted")
        remove(path)
    monkeypatch.setattr(duckdb_file, "remove", refused)
    mine = small_database.parent / "mine"
    mine.mkdir()
    (mine / "file").touch()
    (serving / "20000101T000000Z").symlink_to(mine)
    (serving / "new.version").symlink_to(mine)
    (serving / "new.link").mkdir()
    (serving / "marts.duckdb").symlink_to("marts.duckdb")
    (serving / "20010101T000000Z").touch()
    for number in range(1, 4):
        write_warehouse(small_database, number)
        assert publish.main([]) == 0 and shown(serving)[0] == number
    assert "20010101T000000Z could not be removed: Operation not permitted" in capsys.readouterr().err
    assert (mine / "file").exists() and not (serving / "20000101T000000Z").is_symlink()
    (serving / "99991231T235959Z").mkdir()
    write_warehouse(small_database, 4)
    assert publish.main([]) == 1 and "could not be written: date value out of range" in capsys.readouterr().err
    assert shown(serving)[0] == 3


def test_what_a_review_has_found_is_published_with_its_comments(small_database, serving):
    assert publish.main([]) == 0
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("create table review_points as select 'email_click' as signal, 4 as points")
        connection.execute("comment on table review_points is 'One row per signal.'; comment on column review_points.points is 'Suggested.'")
    assert publish.main([]) == 0
    with duckdb.connect(str(serving / "marts.duckdb"), read_only=True) as connection:
        assert connection.execute("from review_points").fetchall() == [("email_click", 4)]
        assert connection.execute("select comment from duckdb_tables() where table_name = 'review_points'").fetchall() == [("One row per signal.",)]
        assert connection.execute("select comment from duckdb_columns() where table_name = 'review_points' and column_name = 'points'").fetchall() == [("Suggested.",)]
    before = files(serving)
    assert publish.main([]) == 0 and files(serving) == before


# what is not published

@pytest.mark.parametrize("state, code, message", [
    (dict(is_complete=False, remark="2 of its tests failed"), paths.FAILED, "The last build is not complete: 2 of its tests failed."),
    (dict(coverage="unusable_rows = 6"), paths.FAILED,
     "6 of 10 rows of web_events could not be used, most of them because occurred_at is missing. `make check` shows"),
    (dict(coverage="matched_rows = 0, unmatched_rows = 9"), paths.FAILED, "None of 10 rows of events led to an account"),
    (dict(coverage="matched_rows = 0, staged_rows = 0"), paths.FAILED,
     "None of 10 rows of events could be used, most of them because occurred_at is missing. rejected_records"),
    (dict(as_of=None), paths.LATE, "No source has a row"),
    (dict(late=[("crm_activities", 8, 7, True), ("email_events", 9, 8, True)]), paths.LATE,
     "crm_activities is 8 days late (7 allowed): its newest row was loaded on 2026-05-23."
     " email_events is 9 days late (8 allowed): its newest row was loaded on 2026-05-22."),
])
def test_an_incomplete_build_and_lost_or_late_data_are_not_published(small_database, serving, capsys, state, code, message):
    assert publish.main([]) == 0
    before = shown(serving)
    write_warehouse(small_database, 2, **state)
    assert publish.main([]) == code and message in capsys.readouterr().err
    assert shown(serving) == before


@pytest.mark.parametrize("coverage", ["unusable_rows = 5", "unusable_rows = 10, allowed_unusable_share = null", "raw_rows = 0, unusable_rows = 0, matched_rows = 0, unmatched_rows = 0"])
def test_some_lost_rows_those_of_optional_tables_and_no_events_are_published(small_database, serving, coverage):
    write_warehouse(small_database, 2, coverage=coverage)
    assert publish.main([]) == 0


def test_lateness_within_its_limit_without_limit_or_of_an_optional_table_is_published(small_database, serving):
    write_warehouse(small_database, 2, late=[
        ("email_events", 7, 7, True), ("crm_accounts", 700, None, True), ("crm_contacts", None, 7, True), ("ad_events", 30, 7, False),
    ])
    assert publish.main([]) == 0


def test_a_required_table_that_has_lost_all_its_rows_is_not_published(small_database, serving, capsys):
    """One that never had any, or an optional one, is in order."""
    with_rows = [("crm_contacts", 0, None, True), ("email_events", 0, 7, True), ("ad_events", 0, 7, False)]
    without = [(name, None, limit, is_required) for name, _, limit, is_required in with_rows]
    write_warehouse(small_database, 1, late=without)
    assert publish.main([]) == 0
    write_warehouse(small_database, 2, late=with_rows)
    assert publish.main([]) == 0
    before = shown(serving)
    write_warehouse(small_database, 3, late=without)
    assert publish.main([]) == paths.LATE and shown(serving) == before
    message = capsys.readouterr().err
    assert "crm_contacts has no rows; in the published version it had 10. email_events has no rows" in message and "ad_events" not in message
    write_warehouse(small_database, 4, late=with_rows)
    assert publish.main([]) == 0


def test_an_old_as_of_date_is_not_published_on_demand(small_database, serving, monkeypatch, capsys):
    monkeypatch.setattr(publish, "utc_now", lambda: dt.datetime(2026, 6, 3, 1))
    assert publish.main(["--max-age-days", "2"]) == paths.LATE
    assert "The scores are as of 2026-05-31, 3 days ago (2 allowed by --max-age-days)" in capsys.readouterr().err
    assert publish.main(["--max-age-days", "3"]) == 0


def test_without_a_database_or_a_record_of_its_build_nothing_is_published(small_database, serving, capsys):
    with duckdb.connect(str(small_database)) as connection:
        connection.execute("drop table runs.last_build")
    assert publish.main([]) == 1 and "It is unknown how the last build ended" in capsys.readouterr().err
    small_database.write_text("no database")
    assert publish.main([]) == 1 and "cannot be read" in capsys.readouterr().err
    small_database.unlink()
    assert publish.main([]) == 1 and "There is no database" in capsys.readouterr().err
    assert not serving.exists()


@pytest.mark.parametrize("option", ["--max-age-days=-1", "--wait=soon", "--wiat=1"])
def test_a_wrong_option_publishes_nothing(small_database, serving, option):
    with pytest.raises(SystemExit) as stopped:
        publish.main([option])
    assert stopped.value.code == paths.BAD_USAGE and not serving.exists()


def test_own_data_after_the_sample_need_a_clean_place_first(small_database, serving, monkeypatch, capsys):
    write_warehouse(small_database, 1, late=[("email_events", 0, 7, True)])
    with duckdb.connect(str(small_database)) as connection:
        connection.execute(f"create or replace table account_scores as select 1 as number, * from read_csv('{SAMPLE}/crm_accounts.csv')")
    assert publish.main([]) == 0
    write_warehouse(small_database, 2, late=[("email_events", None, 7, True)])
    assert publish.main([]) == paths.LATE
    # `make clean` empties only build/
    assert f"those of the sample. Remove {small_database} and {serving}, then run the same command again." in capsys.readouterr().err
    assert shown(serving)[0] == 1
    monkeypatch.chdir(small_database.parent.parent)
    for name in ("dbt_project.yml", "profiles.yml"):
        (small_database.parent.parent / name).symlink_to(ROOT / name)
    assert publish.main([]) == paths.LATE
    assert "Remove them and all that was built with `make clean`, then run the same command again." in capsys.readouterr().err


def test_a_table_that_lost_a_row_on_the_way_is_not_published(small_database, serving, monkeypatch, capsys):
    original = duckdb_file.check
    monkeypatch.setattr(duckdb_file, "check", lambda connection, file, counts: original(connection, file, {**counts, "score_alerts": 9}))
    assert publish.main([]) == 1 and "score_alerts has 2 rows in the new file, and should have 9." in capsys.readouterr().err
    assert files(serving) == []


# when something ends it

def test_a_full_disk_leaves_the_old_version_and_no_rest(small_database, serving):
    """Files of this process may not grow beyond a limit: for DuckDB that is a disk that is full."""
    assert publish.main([]) == 0
    before = shown(serving), files(serving)
    write_warehouse(small_database, 2)
    ended = subprocess.run(
        [sys.executable, "-m", "engagement", "publish"], capture_output=True, text=True, cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
    )
    assert ended.returncode == 1 and "could not be written" in ended.stderr and "Make room" in ended.stderr
    assert (shown(serving), files(serving)) == before
    assert publish.main([]) == 0 and shown(serving)[0] == 2


KILLED_AT = """
import os, signal, sys
from engagement import publish, warehouse
from engagement.warehouse import duckdb_file

calls = 0
def killed_before(function):
    def step(*arguments, **options):
        global calls
        calls += 1
        if calls == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return step

duckdb_file.write, duckdb_file.check = killed_before(duckdb_file.write), killed_before(duckdb_file.check)
for name in ("rename", "symlink", "replace", "fsync", "unlink", "rmdir"):
    setattr(os, name, killed_before(getattr(os, name)))
place = warehouse.current()
with place.opened() as reader:
    place.publish(reader, publish.last_build(reader), remove_others=True)
"""


def test_a_publication_killed_at_any_step_shows_the_old_set_or_the_new_one(small_database, serving):
    """One that removes all older versions, as `make forget` does: the most steps there are."""
    serving.mkdir()
    (serving / "mine.duckdb").write_text("mine")
    assert publish.main([]) == 0
    step, number, seen = 1, 2, []
    while True:
        # two more, to be removed by the next
        for version in ("20260530T000000Z", "20260531T000000Z"):
            another_version(serving, version)
        write_warehouse(small_database, number)
        ended = subprocess.run([sys.executable, "-c", KILLED_AT, str(step)], capture_output=True, text=True, cwd=ROOT)
        if ended.returncode == 0:
            break
        assert ended.returncode == -signal.SIGKILL, ended.stderr
        seen.append(shown(serving)[0] == number)
        # the same command again
        with place(serving).opened() as reader:
            place(serving).publish(reader, publish.last_build(reader), remove_others=True)
        assert len(files(serving)) == 3 and shown(serving)[0] == number
        assert_tidy(serving, others={"mine.duckdb"})
        step, number = step + 1, number + 1
    # look for an old link and an old version, write, check, file and folder to disk, rename, to disk, make a link, swap it: the old set until
    # here; to disk, remove file and folder of three versions: the new one
    assert seen == [False] * 10 + [True] * 7


# while others read and build

def test_readers_see_whole_versions_through_ten_publications(small_database, serving, tmp_path):
    assert publish.main([]) == 0
    with Readers(tmp_path, serving / "marts.duckdb", [f"select distinct number from {mart}" for mart in MARTS]) as readers:
        readers.wait_for(shown(serving)[1][0])
        for number in range(2, 12):
            # what readers have open does not keep a build from writing
            write_warehouse(small_database, number)
            assert publish.main([]) == 0
            readers.wait_for(shown(serving)[1][0])
    for reads in readers.reads():
        assert {str(found) for _, found, _ in reads} == {str([f"[({number},)]"] * len(MARTS)) for number in range(1, 12)}
        assert len({(version, str(found)) for version, found, _ in reads}) == 11
        assert max(seconds for *_, seconds in reads) < 5
