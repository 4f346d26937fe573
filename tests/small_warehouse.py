"""A warehouse of a few small tables, as a complete build leaves it, and processes that read what is published of it."""

import datetime as dt
import json
import shutil
import subprocess
import sys
import time

import duckdb

from engagement.paths import literal
from engagement.warehouse.duckdb_file import DuckDBFile

MARTS = ["account_scores", "score_contributions", "score_alerts", "rejected_records", "source_coverage"]
TODAY = dt.date(2026, 5, 31)


def place(serving):
    """The database beside a folder of published versions, and these."""
    return DuckDBFile(serving.parent / "engagement.duckdb", serving)


def write_warehouse(file, number, is_complete=True, remark="", as_of=TODAY, late=(), is_masked=False, coverage=""):
    """`number` is in every mart; `late` are rows of source_coverage: name, days late, days allowed, is required; `coverage` is
    SQL that sets its columns."""
    file.parent.mkdir(exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"""
            create schema runs; create schema intermediate; create schema rules;
            create table runs.last_build as select 'build {number}' as invocation_id, {is_complete} as is_complete,
                {literal(remark)} as remark, {is_masked} as masks_personal_data, 0.25 as most_moved_share;
            create table runs.mart_columns as
                select 'main' as mart_schema, unnest({MARTS}) as mart, unnest(['number', null]) as column_name,
                    unnest(['A number', 'A mart']) as description, cast(null as varchar) as personal
                union all select 'rules', 'score_bands', null, 'The bands', null;
            create table intermediate.int_as_of_date as select cast({literal(as_of) if as_of else "null"} as date) as as_of_date;
            create table intermediate.int_config_version as select 'rules' as config_version;
            create table rules.score_bands as select 'Hot' as band, 0 as min_score;
            create table rules.fit_rules as select 'software' as fit_rule, 'industry' as attribute, 'equals' as operator, 'software' as value;
            create table intermediate.int_met_fit_rules as select 'a1' as account_id, 'software' as fit_rule;
            create table intermediate.int_accounts as select 'a1' as account_id, 'software' as industry;
            create table account_scores as select {number} as number, 'a' || i as account_id, 'Account ' || i as account_name,
                'm' as scoring_model, i as score, i as score_raw, 1 as score_change_7_days, 'Hot' as band, 2 as engaged_contacts,
                'Call' as last_engagement_label, 'rep' as owner_email, date '{TODAY}' as as_of_date
            from range(2000) as accounts (i);
            create table score_contributions as select {number} as number, 'm' as scoring_model, 'a1' as account_id, 1 as contribution_rank,
                'signal' as contribution_type, 'Call' as label, 5 as points;
            create table score_alerts as select {number} as number, 'alert ' || i as alert_id from range({number} + 1) as alerts (i);
            create table rejected_records as
                select {number} as number, 'web_events' as source_table, 'w' as record_key, 'occurred_at is missing' as rejection_reason
                from range(3);
            create table unmapped_events as select 'event' as kind, 'shown' as word union all select 'outcome', unnest(['a', 'b', 'c', 'd']);
            create table source_coverage (number integer, source_table varchar, days_late integer, allowed_days_late integer,
                is_required boolean, last_loaded_at timestamp, raw_rows bigint, unusable_rows bigint default 0,
                allowed_unusable_share decimal(9, 4) default 0.5, matched_rows bigint default 1, unmatched_rows bigint default 0,
                machine_rows bigint default 0, staged_rows bigint default 7, rejected_rows bigint default 3, unreadable_values bigint default 0);
            create table unmatched_engagement as select 'web_events' as source_table, 'anonymous visitor' as reason, 2 as event_count;
            create table unusable_values as select 'crm_contacts' as source_table, 'account_id' as column_name, '1' as value, 'no account in the CRM has this id' as reason where false;
            create table intermediate.int_signal_events as select 'web' as channel, 'w' || i as event_key, i = 5 as is_repeat from range(6) as events (i);
            insert into source_coverage by name select {number} as number, 'web_events' as source_table, 0 as days_late,
                7 as allowed_days_late, true as is_required, timestamp '{TODAY}' as last_loaded_at, 10 as raw_rows, 3 as unusable_rows
        """)
        for name, days, allowed, is_required in late:
            connection.execute(
                "insert into source_coverage (number, source_table, days_late, allowed_days_late, is_required, last_loaded_at, raw_rows)"
                " values (?, ?, ?, ?, ?, ?, ?)",
                [number, name, days, allowed, is_required, None if days is None else TODAY - dt.timedelta(days), 0 if days is None else 10],
            )
        if coverage:
            connection.execute(f"update source_coverage set {coverage}")


def shown(serving):
    """The number that every mart of the publication has, and the publication's row."""
    with duckdb.connect(str(serving / "marts.duckdb"), read_only=True) as connection:
        numbers = {connection.execute(f"select min(number), max(number) from {mart}").fetchone() for mart in MARTS}
        (row,) = connection.sql("select * from publication").fetchall()
    ((number, same),) = numbers
    assert number == same
    return number, row


def another_version(serving, version):
    """A copy of the published version that isn't linked."""
    (serving / version).mkdir()
    shutil.copy(serving / "marts.duckdb", serving / version / "marts.duckdb")


READER = """
import duckdb, json, sys, time
while True:
    began = time.monotonic()
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        version, = connection.execute("select version from publication").fetchone()
        found = [str(connection.execute(query).fetchall()) for query in sys.argv[2:]]
    print(json.dumps([version, found, time.monotonic() - began]), flush=True)
    time.sleep(0.01)
"""


class Readers:
    """Two processes that open the link and read several marts, again and again."""

    def __init__(self, folder, link, queries):
        self.outputs = [folder / f"reader_{number}" for number in range(2)]
        self.processes = [
            subprocess.Popen([sys.executable, "-c", READER, link, *queries], stdout=output.open("w"), stderr=subprocess.PIPE, text=True)
            for output in self.outputs
        ]

    def reads(self):
        """[[(version, what each query gave, seconds)] of each reader], without a line that is being written."""
        return [[json.loads(line) for line in output.read_text().splitlines(keepends=True) if line.endswith("\n")] for output in self.outputs]

    def wait_for(self, version):
        """Returns when both have read this version."""
        deadline = time.monotonic() + 30
        while not all(version in (seen for seen, *_ in reads[-100:]) for reads in self.reads()):
            assert time.monotonic() < deadline and self.are_alive()
            time.sleep(0.01)

    def are_alive(self):
        return all(process.poll() is None for process in self.processes)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        alive = self.are_alive()
        for process in self.processes:
            process.terminate()
        messages = [process.communicate()[1] for process in self.processes]
        assert alive, messages
