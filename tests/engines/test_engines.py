"""Other engines give the marts that DuckDB gives, also day after day."""

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import Phase, given, settings

from engagement.landing import read_contract
from tests import harness
from tests.engines.compare import differences
from tests.engines.servers import IS_QUICK
from tests.engines.site import COMMANDS, Site, different_files
from tests.harness import SAMPLE, Project, environment, write_csv
from tests.operation.test_package import Consumer
from tests.random_histories import RAW

MODELS = ["--resource-type", "model", "--resource-type", "seed"]
# what depends on the day before, and all that it needs
DAILY = ["--select", *(f"+{name}" for name in harness.DAILY)]


def dbt(project: Project, server, *arguments: str) -> None:
    """dbt of a project on a server."""
    with environment(**server.environment):
        success, output = project.dbt(*arguments, "--target", server.target)
    assert success, output[-5000:]


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
    return Site(Project(folder / "project", folder / "raw"), "duckdb", RAW_DATA=folder / "raw")


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
        success, output = project.dbt("build", *MODELS) if until < "2026-06-01" else on_duckdb.build()
        assert success, output[-3000:]
        shutil.copytree(folder / "raw", folder / until)
        shutil.copy(project.database, folder / f"{until}.duckdb")
        found.append(Day(folder / until, folder / f"{until}.duckdb"))
    return found


@pytest.fixture(scope="module")
def site(server, request, tmp_path_factory) -> Site:
    """The same three days on a server, the last one built and published by the command."""
    if server.target == "spark" and IS_QUICK:
        pytest.skip("make test-spark builds three days")
    server.clear()
    project = Project(tmp_path_factory.mktemp(server.target) / "project")
    first, second, last = request.getfixturevalue("days")
    server.load(first.raw)
    dbt(project, server, "build", *MODELS, *DAILY)
    server.load(second.raw)
    dbt(project, server, "run", *DAILY)
    journals = ["score_changes", "score_alerts", "published_scores", "account_score_history", "account_scores"]
    assert differences(second.database, server, only=journals) == []
    server.load(last.raw)
    found = Site(project, server.target, **server.environment)
    success, output = found.build()
    assert success, output
    return found


def test_three_days_with_late_corrected_and_withdrawn_rows(server, site, days):
    assert differences(days[-1].database, server) == []
    dbt(site.project, server, "test", "--select", "test_type:unit")


def test_commands_say_and_write_what_they_do_on_duckdb(site, on_duckdb, tmp_path):
    for command in [*COMMANDS, ["review", "--draws", "50"]]:
        assert site.says(*command) == on_duckdb.says(*command), command
    assert different_files(site, on_duckdb, tmp_path) == []


def random_histories() -> dict[str, list[dict]]:
    """Forty random histories of the same few accounts and people in one, always the same ones."""
    drawn = []

    @settings(max_examples=40, derandomize=True, database=None, deadline=None, phases=[Phase.generate])
    @given(RAW)
    def draw(raw: dict) -> None:
        drawn.append(raw)

    draw()
    # accounts and people as the last one has them: the first ones are nearly empty
    tables = drawn.pop()
    for number, raw in enumerate(drawn):
        for table, rows in raw.items():
            key = "activity_id" if table == "crm_activities" else "event_id"
            tables[table] += [row | {key: f"{number} {row[key]}"} for row in rows if key in row]
    return tables


def test_a_project_that_has_this_one_as_a_package_and_random_histories(server, tmp_path):
    server.clear()
    (tmp_path / "raw").mkdir()
    histories = random_histories()
    for table in read_contract():
        if table.name in histories:
            write_csv(tmp_path / "raw" / f"{table.name}.csv", histories[table.name], [column.name for column in table.columns])
    dates = ["--vars", "{latest_load_date: 2030-12-31}"]
    project = Project(tmp_path / "project", tmp_path / "raw")
    success, output = project.dbt("build", *MODELS, *dates)
    assert success, output[-3000:]
    server.load(tmp_path / "raw", "crm")
    (tmp_path / "consumer").mkdir()
    # docs/engines.md asks for this on Spark
    dispatch = "dispatch:\n  - macro_namespace: dbt\n    search_order: [shop, engagement, dbt]\n" if server.target == "spark" else ""
    consumer = Consumer(tmp_path / "consumer", f"  raw_schema: crm\n{dispatch}")
    consumer.write("profiles.yml", yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": server.profile | {"schema": "analytics"}}}}))
    success, output = consumer.build(*MODELS, *dates)
    assert success, output[-5000:]
    # once more, nothing changes: here tables that are there have days added
    success, output = consumer.dbt("run", *dates, "--select", "package:engagement,config.materialized:incremental")
    assert success, output[-5000:]
    assert differences(project.database, server, "analytics_engagement") == []
    # the consumer's own models are where they always were
    ((hot,),) = server.query("select count(*) from analytics.hot_accounts")
    assert hot == project.query("select count(*) from account_scores where band = 'Hot'")[0][0]
