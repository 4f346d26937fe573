"""One size of the benchmark's data, and everything that is measured on it."""

import csv
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

from benchmarks import data as benchmark_data
from engagement.paths import ROOT

COPIED = ["dbt_project.yml", "profiles.yml", "models", "macros", "seeds", "tests", "analyses", "engagement", "benchmarks", "sample"]
SQL = Path(__file__).with_name("sql")
# the most rows for the simple history join; above it, only a share of the accounts is joined
MAX_JOINED_ROWS = 300_000_000
# scores agree if they differ by less than this
TOLERANCE = 1e-6
# the rows that the simple history joins to each day
SCORED_ROWS = {
    "events": "select *, 1 as event_count, null::date as reset_on from intermediate.int_signal_events where not is_repeat",
    "daily points": "from intermediate.int_daily_points",
}


class Failure(Exception):
    """A run failed. The message says where to look."""


def measured(name, command, folder, logs, **environment):
    """Runs a command in a folder, and returns the measurements of benchmarks/run.py. Its output goes to a log."""
    log = logs / f"{name.replace(' ', '_').replace(',', '')}.log"
    logs.mkdir(parents=True, exist_ok=True)
    numbers = log.with_suffix(".json")
    with open(log, "w", encoding="utf-8") as output:
        ended = subprocess.run(
            [str(word) for word in (sys.executable, Path(__file__).with_name("run.py"), numbers, *command)],
            cwd=folder, stdout=output, stderr=subprocess.STDOUT, check=False,
            env={**os.environ, **{key: str(value) for key, value in environment.items()}},
        )
    if ended.returncode:
        last_lines = "\n".join(log.read_text(encoding="utf-8").splitlines()[-15:])
        raise Failure(f"The run '{name}' failed. Its output is in {log}; the end of it:\n{last_lines}")
    return json.loads(numbers.read_text())


def busy_seconds(results):
    """The time during which any of these results of a dbt run was in progress."""
    spans = sorted(
        (step["started_at"], step["completed_at"]) for result in results for step in result["timing"] if step["name"] == "execute"
    )
    total, until = dt.timedelta(0), None
    for start, end in ([dt.datetime.fromisoformat(time.replace("Z", "+00:00")) for time in span] for span in spans):
        until = until or start
        total += max(end - max(start, until), dt.timedelta(0))
        until = max(end, until)
    return total.total_seconds()


def work_of(results):
    """How long nodes were at work in a run of dbt, and its ten slowest nodes: [(name, seconds)]."""
    slowest = sorted(results, key=lambda result: -result["execution_time"])[:10]
    return {
        "nodes_busy": busy_seconds(results),
        "slowest": [(result["unique_id"].split(".")[2], result["execution_time"]) for result in slowest],
    }


def ancestors(manifest, name):
    """The names of a model and all models it needs."""
    found, open_ids = set(), [f"model.engagement.{name}"]
    while open_ids:
        node = manifest["nodes"].get(open_ids.pop())
        if node and node["resource_type"] == "model" and node["name"] not in found:
            found.add(node["name"])
            open_ids += node["depends_on"]["nodes"]
    return found


def changed_weight(signals):
    return [{**row, "points": "7"} if row["signal"] == "email_click" else row for row in signals]


def added_signal(signals):
    page_view = next(row for row in signals if row["signal"] == "page_view")
    return [*signals, {
        **page_view, "signal": "customer_page", "label": "Customer story read", "points": "3", "page_category": "case_study",
        "max_points": "9", "match_priority": "20", "basis": "custom",
    }]


class Size:
    """One size of data, in its own folder."""

    def __init__(self, folder, size, say):
        self.folder, self.size, self.say = folder, size, say
        self.data, self.raw, self.project = folder / "data", folder / "raw", folder / "project"
        self.database = folder / "engagement.duckdb"
        self.runs, self.agreement, self.checks = {}, {}, {}

    def measure(self):
        self.say("making the data")
        benchmark_data.make(self.data, **self.size)
        for path in self.folder.glob("*.duckdb*"):
            path.unlink()
        shutil.rmtree(self.folder / "serving", ignore_errors=True)
        self.copy_project()

        self.load()
        empty = self.folder / "empty.duckdb"
        self.runs["parse"] = self.parse(empty)
        self.build("build of nearly nothing", database=empty)
        self.load("base")
        self.sql("bare scan", "bare_scan.sql", "--raw", self.raw)
        days = self.history_days()
        # a history of one day is today's scores
        self.set_var("history_days", 1)
        self.build("present scores", select="+account_score_history", database=self.folder / "present.duckdb")
        self.set_var("history_days", days)
        self.build("full build")
        self.compare("full build")
        self.history()
        self.keep("full")

        self.set_var("history_days", 2 * days)
        self.build("full build, doubled history")
        self.load("base", "day")
        self.build("daily run, doubled history")
        self.set_var("history_days", days)
        self.bring_back("full")
        self.parse()
        self.build("daily run")
        self.load("base", "day", "late_day")
        self.build("daily run, late data")
        self.compare("daily run, late data")
        self.keep("daily")

        self.change_signals(changed_weight)
        self.rescore("changed weight")
        self.bring_back("daily")
        self.change_signals(added_signal)
        self.rescore("added signal")
        return {
            "size": self.size, "rows": self.row_count(), "runs": self.runs, "agreement": self.agreement, "checks": self.checks,
        }

    # --- the parts of a measurement --------------------------------------------------------------------------------

    def copy_project(self):
        shutil.rmtree(self.project, ignore_errors=True)
        for name in COPIED:
            source, target = ROOT / name, self.project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("python", "__pycache__"))
            else:
                shutil.copy(source, target)
        # invented data can be of any day
        self.set_var("freshness_error_days", 100_000)

    def load(self, *parts):
        benchmark_data.lay_out(self.raw, self.data, *parts)

    def keep(self, name):
        shutil.copy(self.database, self.folder / f"{name}.duckdb")

    def bring_back(self, name):
        shutil.copy(self.folder / f"{name}.duckdb", self.database)

    def environment(self, database):
        return {
            "RAW_DATA": self.raw, "ENGAGEMENT_DB": database, "ENGAGEMENT_TMP": self.folder / "tmp",
            "ENGAGEMENT_SERVING": self.folder / "serving",
            "DBT_TARGET_PATH": self.folder / "target", "DBT_LOG_PATH": self.folder / "logs",
            "DBT_PROJECT_DIR": self.project, "DBT_PROFILES_DIR": self.project,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        }

    def parse(self, database=None):
        """dbt reads the whole project for another database or after a var has changed, but not in a daily run."""
        return measured("parse", ["dbt", "parse"], self.project, self.folder / "logs", **self.environment(database or self.database))

    def build(self, name, select=None, database=None):
        """Runs dbt build and publishing, as `make build` does, or only a selection of the models."""
        self.say(name)
        if select:
            command = ["dbt", "build", "--select", select, "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
        else:
            command = [sys.executable, "-m", "engagement", "build", "--write-json"]
        results = self.folder / "target" / "run_results.json"
        results.unlink(missing_ok=True)
        run = measured(name, command, self.project, self.folder / "logs", **self.environment(database or self.database))
        results = json.loads(results.read_text())["results"]
        run |= work_of(results)
        run["tests"] = sum(result["execution_time"] for result in results if result["unique_id"].startswith("test."))
        if select is None:
            manifest = json.loads((self.folder / "target" / "manifest.json").read_text())
            needed = ancestors(manifest, "account_score_history") - ancestors(manifest, "int_earned_points")
            run["history_busy"] = busy_seconds([result for result in results if result["unique_id"].split(".")[2] in needed])
        self.runs[name] = run

    def sql(self, name, file, *arguments):
        self.say(name)
        command = [sys.executable, "-m", "benchmarks.plain_sql", SQL / file, *arguments]
        self.runs[name] = measured(name, command, self.project, self.folder / "logs", **self.environment(self.database))

    def query(self, sql):
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchone()

    def plain_scores(self, name):
        """The Parquet file of the scores that plain SQL computes from all raw rows and today's seeds."""
        out = self.folder / "present_scores.parquet"
        self.sql(
            f"plain scores, {name}", "present_scores.sql", "--raw", self.raw, "--seeds", self.project / "seeds",
            "--keep", "present_scores", "--out", out,
        )
        return out

    def compare(self, name):
        """Compares the build's scores with those of plain SQL."""
        out = self.plain_scores(name)
        self.agreement[name] = self.query(f"""
            select count(*) filter (abs(built.score_raw - plain.score_raw) < {TOLERANCE}), count(*)
            from account_scores as built
            full join '{out}' as plain using (account_id)
        """)

    def history(self):
        """The simple way to compute the history, from single events and from daily points."""
        days = self.history_days()
        for name, scored_rows in SCORED_ROWS.items():
            rows, = self.query(f"""
                with scored_rows as ({scored_rows})
                select sum(least(coalesce(lookback_days, {days}), {days}, as_of_date - occurred_on + 1))
                from scored_rows
                inner join intermediate.int_scoring_model_signals using (signal)
                cross join intermediate.int_as_of_date
            """)
            share = min(1000, max(1, int(1000 * MAX_JOINED_ROWS / max(rows or 0, 1))))
            self.sql(
                f"history by join, {name}", "history_by_join.sql", "--database", self.database, "--first",
                f"create temp view scored_rows as {scored_rows}; set variable history_days = {days}; set variable account_share = {share};",
            )
            self.runs[f"history by join, {name}"]["share"] = share / 1000

    def history_days(self):
        return int(self.find_var("history_days").group(2))

    def set_var(self, name, number):
        found = self.find_var(name)
        text = found.string
        (self.project / "dbt_project.yml").write_text(f"{text[:found.start(2)]}{number}{text[found.end(2):]}", encoding="utf-8")

    def find_var(self, name):
        text = (self.project / "dbt_project.yml").read_text(encoding="utf-8")
        return re.search(rf"^  ({name}): (\d+)$", text, flags=re.MULTILINE)

    def change_signals(self, change):
        """seeds/signals.csv as shipped, with one change."""
        with open(ROOT / "seeds" / "signals.csv", newline="", encoding="utf-8") as file:
            rows = change(list(csv.DictReader(file)))
        with open(self.project / "seeds" / "signals.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def rescore(self, name):
        """A build with changed seeds on the same files. It should read none of them, and give the scores of plain SQL."""
        before = self.landed_files()
        self.build(name)
        self.compare(name)
        agreeing, accounts = self.agreement[name]
        self.checks[name] = agreeing == accounts and self.landed_files() == before

    def landed_files(self):
        """A file that is read again has a new id."""
        return self.query("select count(*), max(file_id) from landing.files")

    def row_count(self):
        return {part: duckdb.execute(
            f"select count(*) from read_parquet('{self.data}/{part}/*/*.parquet', union_by_name = true)"
        ).fetchone()[0] for part in benchmark_data.PARTS}
