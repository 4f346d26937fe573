"""PostgreSQL gives the marts that DuckDB gives, also day after day."""

import csv
import shutil
from pathlib import Path

import psycopg2
import pytest

from tests.engines.compare import create_raw_tables, differences, mart_names
from tests.harness import SAMPLE, Project, environment
from tests.operation.test_package import Consumer

ENGINE = "postgres"


class Pair:
    """One project on both engines, with the same raw data."""

    def __init__(self, folder: Path, dsn: str, port: int) -> None:
        self.project = Project(folder / "project", folder / "raw")
        self.raw, self.port = folder / "raw", port
        self.connection = psycopg2.connect(dsn)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()
        self.database = dsn.rsplit("=", 1)[1]

    def dbt(self, *arguments: str) -> None:
        """dbt on PostgreSQL."""
        with environment(POSTGRES_PORT=self.port, POSTGRES_DB=self.database):
            success, output = self.project.dbt(*arguments, "--target", ENGINE, "--target-path", str(self.project.folder / "target" / ENGINE))
        assert success, output[-3000:]

    def build(self, *arguments: str) -> None:
        """Everything on both engines, from the same files."""
        success, output = self.project.build(*arguments)
        assert success, output[-3000:]
        create_raw_tables(self.cursor, "raw", self.raw)
        self.dbt("build", "--exclude-resource-type", "unit_test", *arguments)

    def differences(self) -> list[str]:
        return differences(self.project.database, self.cursor, mart_names(self.project.database))


@pytest.fixture
def pair(tmp_path, postgres, request):
    shutil.copytree(SAMPLE, tmp_path / "raw")
    name = request.node.name[:40].lower()
    found = Pair(tmp_path, postgres.new_database(name), postgres.port)
    yield found
    found.connection.close()


def rows_until(folder: Path, until: str) -> None:
    """Leaves in each file what was loaded before that day."""
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as old:
            header, *rows = csv.reader(old)
        loaded_at = header.index("loaded_at") if "loaded_at" in header else None
        with file.open("w", newline="", encoding="utf-8") as new:
            csv.writer(new, lineterminator="\n").writerows([header, *(row for row in rows if loaded_at is None or row[loaded_at] < until)])


def test_sample_and_unit_tests(pair, built_sample):
    create_raw_tables(pair.cursor, "raw", pair.raw)
    pair.dbt("build")
    assert differences(built_sample.database, pair.cursor, mart_names(built_sample.database)) == []


def test_project_that_has_this_one_as_a_package(pair, built_sample, tmp_path):
    create_raw_tables(pair.cursor, "crm", pair.raw)
    (tmp_path / "consumer").mkdir()
    consumer = Consumer(tmp_path / "consumer", "  raw_schema: crm\n")
    consumer.write("profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev: {type: postgres, host: 127.0.0.1, port: %d, user: dbt,"
                   " password: '', dbname: %s, schema: analytics, threads: 2}\n" % (pair.port, pair.database))
    success, output = consumer.build()
    assert success, output[-3000:]
    assert differences(built_sample.database, pair.cursor, mart_names(built_sample.database), "analytics_engagement") == []
    # the consumer's own models are where they always were
    pair.cursor.execute("select count(*) > 0 from analytics.hot_accounts")
    assert pair.cursor.fetchone() == (True,)


def test_three_days_with_late_corrected_and_withdrawn_rows(pair):
    whole = pair.raw.with_name("whole")
    shutil.copytree(pair.raw, whole)
    for day in ("2026-05-29", "2026-05-30", "2026-05-31"):
        for file in whole.glob("*.csv"):
            shutil.copy(file, pair.raw)
        rows_until(pair.raw, day)
        if day == "2026-05-31":
            emails = pair.raw / "email_events.csv"
            lines = emails.read_text().splitlines(keepends=True)
            # one row is gone, and another one says something else
            del lines[5000]
            lines[6000] = lines[6000].replace(",open,", ",click,")
            emails.write_text("".join(lines))
        # fewer days take less time
        pair.build("--vars", "{history_days: 120}")
        assert pair.differences() == [], day
