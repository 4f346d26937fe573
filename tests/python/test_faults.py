"""Killed builds, full disks, locks, broken files and wrong clocks: nothing is lost, and the same command again repairs it.

`FAULT_MOMENTS=20 pytest tests/python/test_faults.py -k killed` kills more builds; the number in a test's name repeats its
moment. What needs a disk or a mount of its own is in tests/faults/.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import time

import duckdb
import pytest

from harness import SAMPLE, Project, read_csv, write_csv

TABLES = ["account_scores", "score_ledger", "contact_scores", "published_scores", "score_alerts", "sales_queue", "account_handoffs",
          "rejected_records", "source_coverage", "unmapped_events", "unmatched_engagement"]
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

    def start(self, **options):
        """The night's build as a process of its own."""
        project = self.project
        return subprocess.Popen(
            [sys.executable, "-m", "dbt.cli.main", *BUILD, "--project-dir", project.folder, "--profiles-dir", project.folder,
             "--target-path", project.folder / "target", "--log-path", project.folder / "logs"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
            env=os.environ | {
                "RAW_DATA": str(project.raw_data), "ENGAGEMENT_DB": str(project.database), "ENGAGEMENT_KEEP_OPEN": "false",
                "ENGAGEMENT_TMP": str(project.folder / "build" / "tmp"),
            },
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


@pytest.mark.parametrize("moment", range(int(os.environ.get("FAULT_MOMENTS", 1))))
def test_a_build_that_is_killed_is_repaired_by_the_next(nights, moment):
    """Odd moments are of a first build, even ones of a daily build."""
    night = NIGHTS[1 - moment % 2]
    nights.begin(night)
    chance = random.Random(moment)
    model, delay = chance.randint(1, 75), chance.uniform(0, 0.1)
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
    nights.begin(NIGHTS[1])
    # the file cannot grow by more than this; dbt's own files are smaller
    limit = nights.project.database.stat().st_size + 2**20
    process = nights.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    output = process.communicate()[0]
    assert process.returncode == 1 and "File too large" in output and str(nights.project.database) in output, output
    # somebody holds the database for some seconds
    holder = subprocess.Popen(
        [sys.executable, "-c", "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(5)",
         nights.project.database], stdout=subprocess.PIPE, text=True,
    )
    assert holder.stdout.readline() == "held\n"
    nights.repeat(NIGHTS[1])
    assert holder.wait() == 0 and nights.tables() == nights.expected[1]
