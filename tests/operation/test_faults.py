"""Killed builds, full disks, locks, broken files and wrong clocks: nothing is lost, and the same command again repairs it.

`FAULT_MOMENTS=20 pytest tests/operation/test_faults.py -k killed` kills more builds; the number in a test's name repeats its
moment. What needs a disk or a mount of its own is in tests/operation/faults/.
"""

import datetime as dt
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import time

import duckdb
import pytest

from harness import ROOT, SAMPLE, Project, read_csv, write_csv
from test_hostile_text import HOSTILE

LATEST_LOAD_DATE = "2030-12-31"  # as in harness.SETTINGS
TABLES = ["account_scores", "score_ledger", "contact_scores", "published_scores", "score_alerts", "sales_queue", "account_handoffs",
          "account_timeline", "rejected_records", "source_coverage", "unmapped_events", "unmatched_engagement", "unusable_values"]
BUILD = ["run", "--select", "+marts.accounts", "+marts.health"]
NIGHTS = ("2026-05-30", "2026-05-31")


class Nights:
    """A small project, built for two nights without a disturbance; every test repeats the second night in its own way."""

    def __init__(self, folder):
        for night in NIGHTS:
            (folder / night).mkdir()
            for file in SAMPLE.glob("*.csv"):
                rows = read_csv(file)
                write_csv(folder / night / file.name, [
                    row for row in rows
                    if row["loaded_at"][:10] <= night and (file.stem.startswith("crm_") or row["loaded_at"] > "2026-05-01")
                ], list(rows[0]))
        self.folder, self.project = folder, Project(folder / "project", raw_data=folder / NIGHTS[0])
        settings = self.project.folder / "dbt_project.yml"
        settings.write_text(settings.read_text().replace("history_days: 400", "history_days: 90"))
        success, output = self.project.dbt("seed")
        assert success, output
        self.states, self.expected = [self._keep("seeded")], []
        for night in NIGHTS:
            self.repeat(night)
            self.states.append(self._keep(night))
            self.expected.append(self.tables())

    def _keep(self, name):
        return shutil.copy(self.project.database, self.folder / f"{name}.duckdb")

    def begin(self, night):
        """The database as it was before that night, and the raw files of the night."""
        for file in self.project.database.parent.glob("*.duckdb*"):
            file.unlink()
        shutil.copy(self.states[NIGHTS.index(night)], self.project.database)
        self.project.raw_data = self.folder / night

    def repeat(self, night):
        """The night's build, to its end."""
        self.project.raw_data = self.folder / night
        success, output = self.project.dbt(*BUILD)
        assert success, output
        self.models = output.count(" START ")

    def start(self, **options):
        """The night's build as a process of its own."""
        with self.project.here(DBT_LOG_LEVEL="info"):
            return subprocess.Popen(
                [sys.executable, "-m", "dbt.cli.main", *BUILD], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
            )

    def tables(self):
        return {table: self.project.table(table) for table in TABLES} | {
            # made of running sums
            table: self.project.query(f"select count(*), round(sum(score_raw), 4) from {table}")
            for table in ("account_score_history", "score_changes")
        }


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    return Nights(tmp_path_factory.mktemp("nights"))


@pytest.mark.parametrize("moment", range(int(os.environ.get("FAULT_MOMENTS", 2))))
def test_a_build_that_is_killed_is_repaired_by_the_next(nights, moment):
    """Odd moments are of a first build, even ones of a daily build."""
    night = NIGHTS[1 - moment % 2]
    nights.begin(night)
    chance = random.Random(moment)
    model, delay = chance.randint(1, nights.models), chance.uniform(0, 0.1)
    process = nights.start()
    started = 0
    for line in process.stdout:
        started += " START " in line
        if started == model:
            time.sleep(delay)
            process.kill()
            break
    process.wait()
    assert process.returncode == -9, f"only {started} models were started"
    nights.repeat(night)
    assert nights.tables() == nights.expected[NIGHTS.index(night)]


def test_a_full_disk_and_a_lock_only_cost_time(nights):
    nights.begin(NIGHTS[0])
    # no file can grow beyond this; dbt's own files are smaller
    limit = 8 * 2**20
    process = nights.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    output = process.communicate()[0]
    # the database, or the log of changes beside it; dbt ends with 2 if the disk was full after its models, too
    assert process.returncode in (1, 2) and re.search(f'Could not write file "{nights.project.database}[^"]*": File too large', output), output
    # somebody holds the database for some seconds
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(3)",
         nights.project.database], stdout=subprocess.PIPE, text=True,
    )
    assert holder.stdout.readline() == "held\n"
    nights.repeat(NIGHTS[0])
    assert holder.wait() == 0 and nights.tables() == nights.expected[0]


def test_bad_lines_other_types_and_ten_times_the_rows_change_no_score(nights):
    """In the files of one night: bytes that are no text, lines that are no row, texts that mean to be something else, 1 MB in
    a field, a file that was cut, lines that end in two ways, Parquet files whose columns changed type, and every row ten times."""
    nights.begin(NIGHTS[1])
    raw = nights.folder / "bad"
    shutil.copytree(nights.folder / NIGHTS[1], raw)
    nights.project.raw_data = raw
    web, email = raw / "web_events.csv", raw / "email_events.csv"
    header, *lines = email.read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"\r\n") for line in lines)
    email.write_bytes(header + b"".join(lines) * 9 + b"".join(lines).replace(b"\r\n", b"\n"))
    first = len(web.read_bytes().splitlines()) + 1
    with open(web, "ab") as file:
        file.write(b"h1,v1,caf\xe9@x.example,,page_view,/,,,,2026-05-01,2026-05-01\r\n")
        # a line feed in quotes ends no row
        file.write(b"h2,v\x00\x01\x1b,,,page_view,/" + b"x" * 2**20 + b',,"a\nb",,2026-05-01,2026-05-01\r\n')
        file.write(b"h3,too,many,,page_view,/,,,,2026-05-01,2026-05-01,more\r\nh4,v1,,,page_vi")
    content = raw / "content_events.csv"
    write_csv(content, [*read_csv(content), *(
        {"event_id": f"hostile {number}", "event_type": text, "campaign": text, "occurred_at": "2026-05-01", "loaded_at": "2026-05-01"}
        for number, text in enumerate(HOSTILE)
    )])
    (raw / "crm_contacts").mkdir()
    contacts = f"read_csv('{raw}/crm_contacts.csv', all_varchar = true)"
    for part, columns in enumerate(("*", "* replace (created_at::timestamp as created_at, coalesce(is_deleted, 'false')::boolean as is_deleted)")):
        duckdb.sql(f"copy (select {columns} from {contacts} where hash(contact_id) % 2 = {part}) to '{raw}/crm_contacts/{part}.parquet'")
    duckdb.sql(
        "copy (select 7 as contact_id, 7 as account_id, [1] as email, {'a': 1} as full_name, true as job_title, 1.5 as merged_into_contact_id,"
        f" date '2026-05-01' as is_deleted, 20260501 as created_at, true as loaded_at) to '{raw}/crm_contacts/2.parquet'"
    )
    (raw / "crm_contacts.csv").unlink()

    success, output = nights.project.dbt("run", "--select", "+account_scores", "+rejected_records", "+source_coverage")
    assert success, output
    tables = nights.tables()
    for table in ("account_scores", "score_ledger", "account_score_history"):
        assert tables[table] == nights.expected[1][table], table
    assert dict(nights.project.query(
        "select split_part(rejection_reason, 'web_events.csv ', 2), raw_row from rejected_records where rejection_reason like 'line %'"
    )) == {
        "cannot be read: it is not UTF-8": '{"line_text":"h1,v1,caf?@x.example,,page_view,/,,,,2026-05-01,2026-05-01"}',
        "cannot be read: it has too many values": '{"line_text":"h3,too,many,,page_view,/,,,,2026-05-01,2026-05-01,more"}',
        "cannot be read: it has too few values": '{"line_text":"h4,v1,,,page_vi"}',
    }
    assert f"web_events: 3 unreadable lines of {web} left out; see rejected_records" in output
    hostile = "select campaign from staging.stg_content__events where event_id like 'hostile %' order by substr(event_id, 9)::integer"
    # white space of other scripts alone is nothing
    assert nights.project.query(hostile) == [(text if text.strip("\ufeff\u2028\u2029\x85") else None,) for text in HOSTILE]
    numbers = "select regexp_extract(rejection_reason, '[0-9]+')::integer from rejected_records where rejection_reason like 'line %' order by 1"
    assert nights.project.query(numbers) == [(first,), (first + 3,), (first + 4,)]
    assert nights.project.query("select rejection_reason from rejected_records where record_key = '7'") == [("loaded_at is not a time of the years 1900 to 2200",)]
    assert nights.project.query("select sum(raw_rows - staged_rows - rejected_rows) from source_coverage") == [(0,)]


def test_no_row_at_all_is_no_fault(compiled):
    """Every mart can be built, and holds no null that its contract forbids."""
    marts = {node["name"]: node["columns"].values() for node in compiled.models.values() if node["schema"] == "main"}
    connection = compiled.run({}, wanted=marts)
    for mart, columns in marts.items():
        for column in columns:
            if "not_null" in {constraint["type"] for constraint in column["constraints"]}:
                nulls, = connection.execute(f"select count(*) from main.{mart} where {column['name']} is null").fetchone()
                assert not nulls, (mart, column["name"])
    assert len(marts) > 25 and [connection.execute(f"select count(*) from main.{table}").fetchone()[0] for table in TABLES] == [
        len(compiled.raw_columns) if table == "source_coverage" else 0 for table in TABLES
    ]


# clocks

def days_from_now(days):
    return str((dt.datetime.now(dt.timezone.utc) + dt.timedelta(days=days)).date())


def page_view(key, loaded_at, occurred_at=None):
    return {"event_id": key, "event_type": "page_view", "occurred_at": occurred_at or loaded_at, "loaded_at": loaded_at}


def test_rows_from_the_future_and_from_long_ago(compiled):
    """Times that no event can have cost their own row, as do load times of more than a day ahead of the clock."""
    ahead, unbelievable = ["2031-01-01", "2062-01-01"], ["9999-12-31 23:59:59", "294247-01-10 04:00:54", "0001-01-01", "290308-12-22 (BC) 00:00:00"]
    connection = compiled.run({"web_events": [
        page_view("last", LATEST_LOAD_DATE), *(page_view(time, time) for time in [*ahead, *unbelievable]),
        page_view("old", LATEST_LOAD_DATE, "1900-01-01"),
    ]}, wanted=("rejected_records", "account_score_history", "source_coverage", "account_scores"))
    assert str(connection.execute("select as_of_date from intermediate.int_as_of_date").fetchone()[0]) == LATEST_LOAD_DATE
    assert connection.execute("select record_key, rejection_reason from main.rejected_records order by all").fetchall() == sorted(
        [(time, f"loaded_at is after {LATEST_LOAD_DATE}, more than a day ahead of the clock") for time in ahead]
        + [(time, "occurred_at is not a time of the years 1900 to 2200") for time in unbelievable]
    )
    assert connection.execute("select staged_rows from main.source_coverage where source_table = 'web_events'").fetchone() == (2,)


def set_clock(monkeypatch, day):
    """What dbt takes for the time at which it started."""
    from dbt.tracking import User

    monkeypatch.setattr(User, "run_started_at", property(
        lambda user: dt.datetime.fromisoformat(f"{day}T23:30:00+00:00"), lambda user, time: None,
    ), raising=False)


def test_a_row_from_the_future_counts_when_its_day_has_come(nights, monkeypatch):
    nights.begin(NIGHTS[1])
    raw = nights.folder / "ahead"
    shutil.copytree(nights.folder / NIGHTS[1], raw)
    nights.project.raw_data = raw
    columns = list(read_csv(raw / "web_events.csv")[0])
    rows = [page_view("now", "2027-03-01"), page_view("soon", "2027-03-04"), page_view("never", "2062-01-01")]
    for clock, more, used in [
        ("2027-03-01", [], ["now"]), ("2027-03-03", [page_view("late", "2027-03-02")], ["late", "now", "soon"]),
    ]:
        write_csv(raw / "web_events.csv", rows := [*rows, *more], columns)
        set_clock(monkeypatch, clock)
        success, output = nights.project.dbt("run", "--select", "+stg_web__events")
        assert success, output
        assert nights.project.query("select event_id from staging.stg_web__events order by all") == [(key,) for key in used]


def test_the_sample_is_never_from_the_future():
    """Whoever tries it on a machine whose clock is wrong sees the same scores."""
    newest = max(row["loaded_at"][:10] for file in SAMPLE.glob("*.csv") for row in read_csv(file))
    macro = (ROOT / "macros" / "landing" / "latest_load_day.sql").read_text()
    assert f"last_day_of_sample = '{newest}'" in macro
