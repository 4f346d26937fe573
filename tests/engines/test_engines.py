"""Other engines give the marts that DuckDB gives, also in a project that has this one as a package."""

import contextlib
import re

import pytest
import yaml
from hypothesis import Phase, given, settings

from engagement.landing import read_contract
from engagement.warehouse.engine import Engine, EngineError
from engagement.warehouse.schemas import Schemas
from tests.engines.compare import differences
from tests.engines.site import MODELS, Site, project_in, target_of
from tests.harness import Project, shorten_lists, write_csv
from tests.operation.test_package import Consumer
from tests.random_histories import RAW

IS_QUICK_ON_SPARK = True
DATES = ["--vars", "{latest_load_date: 2030-12-31}"]


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


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    """Random histories as DuckDB builds them, for every engine."""
    folder, histories = tmp_path_factory.mktemp("histories"), random_histories()
    (folder / "raw").mkdir()
    for table in read_contract():
        if table.name in histories:
            write_csv(folder / "raw" / f"{table.name}.csv", histories[table.name], [column.name for column in table.columns])
    made = project_in(folder / "project", folder / "raw")
    success, output = made.dbt("build", *MODELS, *DATES)
    assert success, output[-3000:]
    return made


def test_a_project_that_has_this_one_as_a_package_and_random_histories(server, project, tmp_path):
    server.clear()
    server.load(project.raw_data, "crm")
    (tmp_path / "consumer").mkdir()
    # docs/engines.md asks for this on Spark
    dispatch = "dispatch:\n  - macro_namespace: dbt\n    search_order: [shop, engagement, dbt]\n" if server.target == "spark" else ""
    consumer = Consumer(tmp_path / "consumer", f"  raw_schema: crm\n{dispatch}")
    shorten_lists(consumer.folder / "package" / "seeds")
    consumer.write("profiles.yml", yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": server.profile | {"schema": "analytics"}}}}))
    success, output = consumer.build(*MODELS, *DATES)
    assert success, output[-5000:]
    # once more, nothing changes: here tables that are there have days added
    success, output = consumer.dbt("run", *DATES, "--select", "package:engagement,config.materialized:incremental")
    assert success, output[-5000:]
    assert differences(project.database, server, "analytics_engagement") == []
    # the consumer's own models are where they always were
    ((hot,),) = server.query("select count(*) from analytics.hot_accounts")
    assert hot == project.query("select count(*) from account_scores where band = 'Hot'")[0][0]


def test_points_that_are_too_small_for_a_double_are_zero(server, project):
    """PostgreSQL fails where a product is too small for a double. Half-life 1, and 400 silences with factor 0.1 or one with 0."""
    rows = " union all ".join(
        f"select {factor} as silence_factor, {silences} as silences, 1 as points, 1 as half_life_days, 0 as silences_before,"
        " cast('2020-01-01' as date) as decays_from" for factor, silences in ((0.1, 400), (0.000001, 8), (0, 1), (1, 400))
    )
    columns = ("points", "half_life_days", "silence_factor")
    doubles = ", ".join(f"{{{{ double('{column}') }}}} as {column}" for column in columns)
    values = f"""
        select sum({{{{ value_on("cast('2026-01-01' as date)", 'earned.silences') }}}}) as value, max({{{{ silence_left('earned.silences') }}}}) as most
        from (select {doubles}, silences, silences_before, decays_from from ({rows}) as written) as earned
    """
    site = Site(project, server.target, **server.environment)
    with site.here():
        success, output = project.dbt("show", "--output", "json", "--inline", values)
    assert success and re.search(r'"value": 0(\.0+|E-15)?\b', output) and '"most": 1.0' in output, output[-3000:]


def test_a_command_reads_a_table_that_a_build_has_replaced(server, tmp_path, monkeypatch):
    """`forget` reads tables, lets dbt build them again, and reads them once more."""
    monkeypatch.setenv("ENGAGEMENT_DB", str(tmp_path / "engagement.duckdb"))
    monkeypatch.setenv("ENGAGEMENT_TMP", str(tmp_path / "tmp"))
    server.clear()
    place = Schemas(target_of(server))
    for schema in ("intermediate", "runs"):
        server.query(f"create schema {schema}")
    with place.lock():
        for number in range(2):
            for table in ("intermediate.int_numbers", "runs.last_build"):
                server.query(f"drop table if exists {table}")
                server.query(f"create table {table} as select {number} as number, 'build {number}' as invocation_id")
            # `build` asks before and after dbt
            assert place.last_invocation() == f"build {number}"
            with place.opened() as reader:
                assert reader.execute("select number from intermediate.int_numbers").fetchall() == [(number,)]
            assert place.last_invocation() == f"build {number}"


def test_an_error_is_what_the_engine_said_without_the_calls_inside_it(server):
    with contextlib.closing(Engine(target_of(server))) as engine, pytest.raises(EngineError) as error:
        engine.query("select 1 from nowhere.nothing")
    text = str(error.value)
    assert text.startswith(f"Target {server.target}: ") and "nothing" in text and "\n" not in text and ".java:" not in text, text
